"""What is put around the emulators: rules that make the BigQuery emulator behave like BigQuery, and a proxy in front of
both emulators.

- `refusals`: refuses what BigQuery is documented to refuse;
- `replacing`: refuses to replace a view by a table or a table by a view;
- `ddl`: reads the parts of `create table` and `create view` that the emulator ignores;
- `numeric`: NUMERIC with nine digits after the point, as in BigQuery;
- `partition_filter`: whether a statement bounds the partitions of every table that requires it;
- `remembering`: a cache of the statements that the emulator has parsed and translated;
- `results`: a separate result for each of the reads that run at the same time;
- `proxy`: records every request to warehouse and lake, and can break or delay chosen requests;
- `calls`: recognises the kind, the statement and the size of a request;
- `billing`: estimates what BigQuery would bill for a statement.

`proxy`, `calls` and `billing` run in the pipeline's Python, the others in the emulator's.
"""
