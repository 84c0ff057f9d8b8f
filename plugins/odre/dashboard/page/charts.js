// What the charts are given, and what is said where one cannot be drawn.

import { having } from "./statistics.js";

/* Whether a chart has something to say of a period of so many days. */
export const fits = ({ least_days }, rows) => rows.length >= least_days;

/* Why a chart cannot be drawn for these days, in a sentence; an empty text when it can.

   `needs`: sets of columns, of which one must be known together on some day. `words`: column → its name. */
export function obstacle({ needs }, rows, words) {
  if (needs.some((together) => having(rows, ...together).length > 0)) return "";
  const wanted = needs.map((together) => together.map((column) => `a known ${words[column]}`).join(" and ")).join(" or ");
  return `No day of this period has ${wanted}.`;
}

/* Rows with only the columns that a specification names, because Vega copies and marks the rows it is given. */
export function rowsFor(specification, rows) {
  const named = JSON.stringify(specification);
  const used = Object.keys(rows[0]).filter((name) => named.includes(name));
  return rows.map((row) => Object.fromEntries(used.map((name) => [name, row[name]])));
}
