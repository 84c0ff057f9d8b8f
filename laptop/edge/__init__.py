"""The edge of the emulators: it refuses what BigQuery refuses and the emulators do not, and has a proxy to put in front
of them.

- `refusals`: what BigQuery is documented to refuse, refused by the BigQuery emulator too;
- `numeric`: NUMERIC with nine digits after the point, as BigQuery has it;
- `partition_filter`: whether a statement bounds the partitions of every table that asks for it;
- `remembering`: a cache of the statements that the emulator has parsed and translated;
- `results`: a result for each of the reads that run at the same time;
- `proxy`: records every request to warehouse and lake, can break or delay chosen ones;
- `calls`: recognises a request: its kind, its statement, its bytes.

`proxy` and `calls` run in the pipeline's Python, the others in the emulator's.
"""
