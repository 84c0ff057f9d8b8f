// The table of single days, and the same days as CSV.

import { number } from "./format.js";
import { named, t } from "./texts.js";

function shown(value, digits) {
  if (value === null) return "";
  return digits === undefined ? named(String(value)) : number(value, digits);
}

/* `lines`: the latest `limit` days, newest first, each as a list of texts; `note`: a sentence about days left out.
   `columns`: the columns to show, each with column, title and, for numbers, digits. */
export function daysTable(rows, columns, limit) {
  const latest = rows.slice(-limit).toReversed();
  return {
    lines: latest.map((row) => columns.map(({ column, digits }) => shown(row[column], digits))),
    note: rows.length > latest.length ? t("days.latest", { shown: latest.length, all: rows.length }) : "",
  };
}

const quoted = (value) => {
  if (value === null) return "";
  return /[",\n]/u.test(value) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
};

/* The named columns of the rows as CSV with a header; an unknown value is empty. */
export const csv = (rows, columns) =>
  [columns.map(quoted), ...rows.map((row) => columns.map((name) => quoted(row[name])))]
    .map((line) => `${line.join(",")}\n`)
    .join("");
