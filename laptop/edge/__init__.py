"""The edge of the emulators: what BigQuery refuses and they do not, and a proxy to stand in front of them.

- `refusals`: what BigQuery is documented to refuse, refused by the BigQuery emulator too;
- `partition_filter`: whether a statement bounds the partitions of every table that asks for it;
- `proxy`: records every request to warehouse and lake, can break or delay chosen ones;
- `calls`: what a request is: its kind, its statement, its bytes.

The first two run in the emulator's Python, the others in the pipeline's.
"""
