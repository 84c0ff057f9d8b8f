// The rows that charts are given, and the sentence that takes the place of a chart that cannot be drawn.

import { having } from "./statistics.js";
import { t } from "./texts.js";

/* Whether a chart is shown for a period of these days: it needs at least `least_days`. Without any days it is shown too,
   with a sentence that says what is missing. */
export const fits = ({ least_days }, days) => days.length === 0 || days.length >= least_days;

/* Why a chart cannot be drawn for these rows, in a sentence; an empty text when it can.

   `needs`: sets of columns; some row must have values in all columns of one set. `words`: column → its name. `empty`: the
   sentence, where it is not to name the missing columns. The rows of the dataset `steps` are the steps of one day. */
export function obstacle({ needs, empty, dataset }, rows, words) {
  if (needs.some((together) => having(rows, ...together).length > 0)) return "";
  if (empty) return empty;
  const wanted = needs
    .map((together) => together.map((column) => t("charts.known", { what: words[column] })).join(t("charts.and")))
    .join(t("charts.or"));
  return t(dataset === "steps" ? "charts.obstacle_of_day" : "charts.obstacle", { wanted });
}

/* Rows with only the columns that a specification names, because Vega copies and marks the rows it is given. */
export function rowsFor(specification, rows) {
  const named = JSON.stringify(specification);
  const used = Object.keys(rows[0]).filter((name) => named.includes(name));
  return rows.map((row) => Object.fromEntries(used.map((name) => [name, row[name]])));
}

/* One row per step and series, for the areas of a stack: the place of the step, the `key` of the series, its `rank` in
   the stack, and its power in GW, which is 0 where it is not known. A series without a known value has no rows.

   `series`: column in MW → key, from the bottom of the stack up. `along`: the column with the place of the step. */
export const seriesRows = ({ series, along }, rows) =>
  Object.entries(series).flatMap(([column, key], rank) => {
    if (having(rows, column).length === 0) return [];
    return rows.map((row) => ({ [along]: row[along], key, rank, gw: (row[column] ?? 0) / 1e3 }));
  });
