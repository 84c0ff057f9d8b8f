"""`python -m laptop.replica`: serve the synthetic sample, or a folder of real exports.

The sample follows the clock in steps of a quarter of an hour, unless `--as-of`, `ODRE_SAMPLE_NOW` or `PUT /_now` sets
its moment. The body of `PUT /_now` is `{"as_of": "2024-02-02T09:30", "real_time_start": "2024-01-01"}`."""

from __future__ import annotations

import argparse
import datetime as dt
import logging
import os
import sys
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m laptop.replica", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8090, help="port to listen on (default: 8090)")
    parser.add_argument("--data", type=Path, help="folder of real exports; without it, the synthetic sample")
    parser.add_argument("--catalogue", type=Path, help="file of further datasets, in the form of the API's catalogue")
    parser.add_argument("--start", type=dt.date.fromisoformat, help="first day of the synthetic sample")
    parser.add_argument("--as-of", type=dt.datetime.fromisoformat, help="moment at which the sample ends, local time")
    parser.add_argument("--real-time-start", type=dt.date.fromisoformat, help="first day of the real-time dataset")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")

    import pyarrow as pa
    import uvicorn

    from laptop.replica import described, folder, synthetic
    from laptop.replica.refusing import UnreadableExport
    from laptop.replica.server import Catalogue, application
    from laptop.replica.synthetic.moment import SETTING, first_day, moment

    given = {"start": options.start, "as_of": options.as_of, "real_time_start": options.real_time_start}
    given = {name: value for name, value in given.items() if value} | {"contracts": described.further_contracts()}

    def sample(now: dict[str, str]) -> dict[str, pa.Table]:
        read = {"as_of": dt.datetime.fromisoformat, "real_time_start": dt.date.fromisoformat}
        if unknown := now.keys() - read.keys():
            raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(read)}")
        return synthetic.sample(**given | {name: read[name](value) for name, value in now.items()})

    clock = None if options.data or options.as_of or os.environ.get(SETTING) else moment
    try:
        if not options.data:
            # The first day is fixed here, so that the sample loses no old days while the replica runs.
            given.setdefault("start", first_day(options.as_of or moment()))
        known = described.known_datasets(options.catalogue)
        tables = folder.load(options.data, known) if options.data else synthetic.sample(**given)
    except (UnreadableExport, described.UnreadableCatalogue, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for name, table in tables.items():
        logging.getLogger("replica").info("%s: %s rows", name, f"{table.num_rows:,}")
    app = application(Catalogue(tables, options.data is None, known), None if options.data else sample, clock)
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning")
    return 0


if __name__ == "__main__":
    sys.exit(main())
