"""bqemulator's own translation of a GoogleSQL script (standard input) to the DuckDB statements it runs, as a JSON
list. Runs in the emulators' environment: `.venv-stack/bin/python tests/histories/translate.py PROJECT`."""

import contextlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

# The emulator logs to standard output.
with contextlib.redirect_stdout(sys.stderr):
    from bqemulator.scripting.parser import parse_script
    from bqemulator.sql.table_rewriter import rewrite_table_refs
    from bqemulator.sql.translator import SQLTranslator

    from laptop.edge import numeric

    numeric.install()
    translator = SQLTranslator()
    statements = [translator.translate(part.sql).value for part in parse_script(sys.stdin.read()).statements]
    translated = [rewrite_table_refs(statement, sys.argv[1]) for statement in statements]
json.dump(translated, sys.stdout)
