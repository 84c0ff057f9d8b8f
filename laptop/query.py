"""Ask the local warehouse: `make query SQL="select …"`; `FORMAT=csv` for machines.

python -m laptop.query ["select …"]      (or SQL=… in the environment)
"""

from __future__ import annotations

import csv
import os
import sys

from laptop.stack import Stack


def main() -> int:
    sql = " ".join(sys.argv[1:]) or os.environ.get("SQL", "")
    if not sql.strip():
        print(
            'error: nothing to ask → make query SQL="select count(*) from de_project_development.daily_merged"',
            file=sys.stderr,
        )
        return 2
    environment = Stack.recorded_environment()
    if environment is None:
        print("error: the local stack does not run → make demo, or make stack-up", file=sys.stderr)
        return 1
    from google.api_core.exceptions import GoogleAPIError

    from laptop.warehouse import Warehouse

    try:
        names, rows = Warehouse(environment).query(sql)
    except GoogleAPIError as error:
        print(f"error: {getattr(error, 'message', error)}", file=sys.stderr)
        return 1
    if os.environ.get("FORMAT") == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(names)
        writer.writerows(rows)
    else:
        from tabulate import tabulate

        print(tabulate(rows, headers=names, tablefmt="simple", floatfmt=",.3f", missingval="null"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
