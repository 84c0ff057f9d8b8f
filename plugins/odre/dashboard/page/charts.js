// What the charts are given, and what is said where one cannot be drawn.

import { having } from "./statistics.js";

/* Why a chart cannot be drawn for these days, in a sentence; an empty text when it can.

   `needs`: sets of columns, of which one must be known together on some day. `words`: column → its name. */
export function obstacle({ needs, least_days }, rows, words) {
  if (!needs.some((together) => having(rows, ...together).length)) {
    const wanted = needs.map((together) => together.map((column) => `a known ${words[column]}`).join(" and ")).join(" or ");
    return `No day of this period has ${wanted}.`;
  }
  return rows.length < least_days ? `This chart shows periods of ${least_days} days or more.` : "";
}

/* Rows with only the columns that a specification names, because Vega copies and marks the rows it is given. */
export function rowsFor(specification, rows) {
  const named = JSON.stringify(specification);
  const used = Object.keys(rows[0]).filter((name) => named.includes(name));
  return rows.map((row) => Object.fromEntries(used.map((name) => [name, row[name]])));
}
