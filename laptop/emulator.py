"""Starts bqemulator with what it lacks. Run it with the emulators' own Python: `python -m laptop.emulator start …`.

- `laptop.edge.refusals`: BigQuery's refusals;
- `laptop.edge.numeric`: BigQuery's NUMERIC;
- `laptop.edge.remembering`: a cache of parsed statements;
- `laptop.edge.results`: a separate result for each of the reads that run at the same time.

It also makes Python's garbage collector run less often: syntax trees are full of reference cycles, and with the default
settings the collector took half of the time of parsing. Imported modules never become garbage, so the collector ignores
them.
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
