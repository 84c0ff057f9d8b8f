// The table of single days, and the same days as CSV.

import { number } from "./format.js";

function shown(value, digits) {
  if (value === null) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return digits === undefined ? String(value) : number(value, digits);
}

/* The latest `limit` days, newest first, a list of texts each; and a note on what is left out.

   `columns`: what is shown, each with column, title and, for numbers, digits. */
export function daysTable(rows, columns, limit) {
  const latest = rows.slice(-limit).toReversed();
  return {
    lines: latest.map((row) => columns.map(({ column, digits }) => shown(row[column], digits))),
    note: rows.length > latest.length ? `The last ${number(latest.length)} of ${number(rows.length)} days; the download has all.` : "",
  };
}

const quoted = (value) => {
  if (value === null) return "";
  return /[",\n]/u.test(value) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
};

/* The named columns of the rows as CSV with a header; an unknown value is empty. */
export const csv = (rows, columns) =>
  [columns, ...rows.map((row) => columns.map((name) => quoted(row[name])))].map((line) => `${line.join(",")}\n`).join("");
