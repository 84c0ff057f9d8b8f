// The days of the page as rows, and what follows from a date. Instants are milliseconds at midnight UTC of a local
// calendar day, and the charts' time axes are in UTC too, so that the reader's time zone shifts no day.

import { day, month } from "./format.js";
import { power, rowsOfColumns } from "./statistics.js";
import { named } from "./texts.js";

const DAY = 86_400_000;

/* Midnight UTC of an ISO date, moved by whole months and days. */
export function midnight(iso, months = 0, days = 0) {
  const [y, m, d] = iso.split("-").map(Number);
  return Date.UTC(y, m - 1 + months, d + days);
}

/* The ISO date some days after (or, negative, before) another. */
export const daysLater = (iso, days) => new Date(midnight(iso, 0, days)).toISOString().slice(0, 10);

/* One row per day, from the columns of the mart `dashboard_daily` and with what the page derives from them, in the language that is
   spoken.

   `columns`: name → values, one per day. `seasons`: their names in the order of the year, winter first. */
export function rowsOf(columns, seasons) {
  return rowsOfColumns(columns).map((row) => {
    const years = row.season === "winter" ? `${row.season_year - 1}–${String(row.season_year).slice(2)}` : row.season_year;
    return {
      ...row,
      day_name: day(row.local_date),
      mean_consumption_mw: power("consumption_mwh")(row),
      season_name: named(row.season),
      season_of_year: `${named(row.season)} ${years}`,
      season_start: 4 * row.season_year + seasons.indexOf(row.season),
    };
  });
}

/* The rows as charts draw them over time: a bucket is the day, or its month in periods of more than `dailyUpTo` days,
   where a day would be thinner than a pixel. */
export function bucketed(rows, dailyUpTo) {
  const months = rows.length > dailyUpTo;
  return rows.map((row) => {
    const start = months ? `${row.local_date.slice(0, 7)}-01` : row.local_date;
    return {
      ...row,
      bucket: midnight(start),
      bucket_end: midnight(start, months ? 1 : 0, months ? 0 : 1),
      bucket_name: months ? month(start) : row.day_name,
    };
  });
}

/* The number of days of a meteorological season, from its `season_start` (4 × year + 0 for winter … 3 for autumn). */
export function daysInSeason(start) {
  const [year, index] = [Math.floor(start / 4), start % 4];
  const begin = (i) => Date.UTC(year, 3 * i - 1, 1);
  return Math.round((begin(index + 1) - begin(index)) / DAY);
}
