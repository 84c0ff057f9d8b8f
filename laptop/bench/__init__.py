"""The benchmarks: `make bench`, or `python -m laptop.bench --help`. One module per family of measures.

- `table`: what a measure is, interleaved pairs, the printed table;
- `history`: years of éCO2mix as the API would send them, and stacks that hold them;
- `extraction`, `ingestion`, `hourly`, `parsing`, `orchestration`, `dashboard`: the measures;
- `original`, `dlt_pipeline`, `script`: the programs with which the pipeline is compared.

Each side of a pair runs in a fresh process, so that its memory is its own.
"""
