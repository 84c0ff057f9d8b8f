"""Makes the seed `french_public_holidays` from the package `holidays` (metropolitan France, no regional holidays).

python -m tests.answers.public_holidays
"""

from __future__ import annotations

import csv
import io

import holidays

from laptop.manifest import PROJECT

SEED = PROJECT / "seeds" / "french_public_holidays.csv"
FIRST_YEAR, LAST_YEAR = 2010, 2050


def rendered() -> str:
    """The seed as it should be: one line per public holiday, by date."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["local_date", "holiday"])
    rows.writerows(
        sorted(holidays.country_holidays("FR", years=range(FIRST_YEAR, LAST_YEAR + 1), language="en_US").items())
    )
    return text.getvalue()


if __name__ == "__main__":
    SEED.write_text(rendered(), encoding="utf-8")
