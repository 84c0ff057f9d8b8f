"""bqemulator as it is, with Python's garbage collector told to look less often; run by the emulators' own Python.

The emulator parses every statement some twenty-five times, and a syntax tree is all cycles: by default the collector
took half of the time of parsing. What is imported is never garbage, and is not looked at again.
"""

import gc

import bqemulator.server  # noqa: F401  (imported before the freeze; the command would import it later)
from bqemulator.cli import main

if __name__ == "__main__":
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    main()
