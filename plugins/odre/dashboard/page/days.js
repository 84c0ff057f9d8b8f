// The days of the page as rows, and arithmetic with dates. An instant here is the number of milliseconds at midnight
// UTC of a local calendar day. The charts' time axes are in UTC too, so that the reader's time zone shifts no day.

import { day, month } from "./format.js";
import { rowsOfColumns } from "./statistics.js";
import { t } from "./texts.js";

const DAY = 86_400_000;

/* Midnight UTC of an ISO date, moved by whole months and days. */
export function midnight(iso, months = 0, days = 0) {
  const [y, m, d] = iso.split("-").map(Number);
  return Date.UTC(y, m - 1 + months, d + days);
}

/* The ISO date some days after (or, negative, before) another. */
export const daysLater = (iso, days) => new Date(midnight(iso, 0, days)).toISOString().slice(0, 10);

/* One row per day, from the columns of the mart `dashboard_daily` (name → values, one per day), with the name of the
   day in the page's language. */
export const rowsOf = (columns) => rowsOfColumns({ ...columns, day_name: columns.local_date.map(day) });

/* `2020–21`, the years of the winter that ends in 2021. */
export const winterYears = (year) => `${year - 1}–${String(year).slice(2)}`;

/* The number of days from one ISO date to another, both included. */
export const daysFrom = (first, last) => Math.round((midnight(last) - midnight(first)) / DAY) + 1;

// Charts over time have a step per day up to the first number of days, a step per week up to the second one, and a step
// per month beyond, so that no step is too thin to see.
const DAYS_UP_TO = 400;
const WEEKS_UP_TO = 1500;

const monday = (iso) => daysLater(iso, -((new Date(midnight(iso)).getUTCDay() + 6) % 7));

/* The step of charts over time, `day`, `week` or `month`, for a period of `days` days. */
export const stepOf = (days) => (days <= DAYS_UP_TO ? "day" : days <= WEEKS_UP_TO ? "week" : "month");

function bucketFrom(start, step) {
  if (step === "day") return { bucket: midnight(start), bucket_end: midnight(start, 0, 1), bucket_name: day(start) };
  if (step === "week") {
    return { bucket: midnight(start), bucket_end: midnight(start, 0, 7), bucket_name: t("words.week_of", { day: day(start) }) };
  }
  return { bucket: midnight(start), bucket_end: midnight(start, 1), bucket_name: month(start) };
}

const STARTS = { day: (iso) => iso, week: monday, month: (iso) => `${iso.slice(0, 7)}-01` };

/* A function that returns the step to which a day belongs: the instants `bucket` and `bucket_end`, and `bucket_name`,
   its name. */
export function bucketing(step) {
  const made = new Map();
  return (iso) => {
    const start = STARTS[step](iso);
    if (!made.has(start)) made.set(start, bucketFrom(start, step));
    return made.get(start);
  };
}

/* All steps of a period in order. Steps without data are among them, so that the chart shows gaps. `bucketOf`: the
   function that `bucketing` returns. */
export function bucketsBetween(first, last, bucketOf) {
  const found = [];
  let iso = first;
  while (iso <= last) {
    found.push(bucketOf(iso));
    iso = new Date(found.at(-1).bucket_end).toISOString().slice(0, 10);
  }
  return found;
}

const drawn = new WeakMap();

/* The rows as charts draw them over time, each with its bucket. They are kept, because several sections draw the same
   rows. */
export function bucketed(rows) {
  if (!drawn.has(rows)) {
    const bucketOf = bucketing(stepOf(rows.length));
    drawn.set(rows, rows.map((row) => ({ ...row, ...bucketOf(row.local_date) })));
  }
  return drawn.get(rows);
}
