// The values that are usual for the time of year.

import { daysLater } from "./days.js";

const YEARS = 5;
const AROUND = 15;
const TENTH = 0.1;
// Number of years that are needed, as for the normals of `anomalies_daily`. A year counts when more than half of the days
// around the date are known.
const LEAST_YEARS = 3;

/* The quantile of sorted values, interpolated between neighbours. `part`: 0 to 1. */
export function quantile(sorted, part) {
  const place = (sorted.length - 1) * part;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place - Math.floor(place));
}

/* The same calendar day in another year; 29 February is 1 March in years that have none. */
function inYear(iso, year) {
  return daysLater(`${year}-${iso.slice(5, 7)}-01`, Number(iso.slice(8)) - 1);
}

/* The usual range of a value: the middle eight tenths (`low` to `high`) and the `median` of the days within 15 days of
   the same date in the five years before, and the number of `days` and `years` behind them. It is null when fewer than
   three of the years have more than half of these days.

   `byDay`: ISO date → row. `value`: a function of the row. */
export function usual(byDay, iso, value) {
  const year = Number(iso.slice(0, 4));
  const every = Array.from({ length: YEARS }, (_, i) => inYear(iso, year - 1 - i)).map((same) =>
    Array.from({ length: 2 * AROUND + 1 }, (_, i) => byDay.get(daysLater(same, i - AROUND)))
      .map((row) => (row ? value(row) : null))
      .filter((known) => known !== null),
  );
  const found = every.filter((days) => days.length > AROUND);
  if (found.length < LEAST_YEARS) return null;
  const values = found.flat().toSorted((a, b) => a - b);
  return {
    low: quantile(values, TENTH),
    median: quantile(values, 0.5),
    high: quantile(values, 1 - TENTH),
    days: values.length,
    years: found.length,
  };
}
