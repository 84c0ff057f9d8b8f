"""Starts bqemulator with what it lacks around it: BigQuery's refusals (`laptop.edge.refusals`), NUMERIC as BigQuery has
it (`laptop.edge.numeric`), a cache of parsed statements (`laptop.edge.remembering`), a result for each of the reads
that run at the same time (`laptop.edge.results`), and Python's garbage collector running less often. Run it with the
emulators' own Python: `python -m laptop.emulator start …`.

Syntax trees are full of reference cycles, and by default the collector took half of the time of parsing. Imported
modules never become garbage, so the collector does not look at them again.
"""

from __future__ import annotations

import gc

from bqemulator.cli import main

from laptop.edge import numeric, refusals, remembering, results

if __name__ == "__main__":
    numeric.install()
    remembering.install()
    results.install()
    refusals.install()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    main(prog_name="bqemulator")
