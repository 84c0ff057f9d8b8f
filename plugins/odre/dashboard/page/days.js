// The days of the page as rows, and what follows from a date. Instants are milliseconds at midnight UTC of a local
// calendar day, and the charts' time axes are in UTC too, so that the reader's time zone shifts no day.

import { day, month } from "./format.js";
import { power, rowsOfColumns } from "./statistics.js";
import { named, t } from "./texts.js";

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

/* Every ISO date from one to another. */
export const daysBetween = (first, last) =>
  Array.from({ length: Math.round((midnight(last) - midnight(first)) / DAY) + 1 }, (_, i) => daysLater(first, i));

// A day is a step of charts over time up to so many days, then a week, then a month, so that no step is too thin to see.
const DAYS_UP_TO = 400;
const WEEKS_UP_TO = 1500;

const monday = (iso) => daysLater(iso, -((new Date(midnight(iso)).getUTCDay() + 6) % 7));

/* The step of charts over time, `day`, `week` or `month`, for a period of so many days. */
export const stepOf = (days) => (days <= DAYS_UP_TO ? "day" : days <= WEEKS_UP_TO ? "week" : "month");

/* The step that holds a day: `bucket` to `bucket_end`, instants, and `bucket_name`, in words. */
export function bucketOf(iso, step) {
  if (step === "day") return { bucket: midnight(iso), bucket_end: midnight(iso, 0, 1), bucket_name: day(iso) };
  if (step === "week") {
    const start = monday(iso);
    return { bucket: midnight(start), bucket_end: midnight(start, 0, 7), bucket_name: t("words.week_of", { day: day(start) }) };
  }
  const start = `${iso.slice(0, 7)}-01`;
  return { bucket: midnight(start), bucket_end: midnight(start, 1), bucket_name: month(start) };
}

/* The rows as charts draw them over time, each with its bucket. */
export function bucketed(rows) {
  const step = stepOf(rows.length);
  return rows.map((row) => ({ ...row, ...bucketOf(row.local_date, step) }));
}

/* The number of days of a meteorological season, from its `season_start` (4 × year + 0 for winter … 3 for autumn). */
export function daysInSeason(start) {
  const [year, index] = [Math.floor(start / 4), start % 4];
  const begin = (i) => Date.UTC(year, 3 * i - 1, 1);
  return Math.round((begin(index + 1) - begin(index)) / DAY);
}
