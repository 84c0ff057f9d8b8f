// Sentences that several sections share.

import { having, ratio, totals } from "./statistics.js";
import { t } from "./texts.js";

/* Sentences that say on how many days of the period each of the columns is unknown. `words`: column → its name. */
export const missing = (rows, words, ...wanted) =>
  wanted
    .map((column) => [rows.length - having(rows, column).length, words[column]])
    .filter(([n]) => n)
    .map(([n, what]) => ` ${t("sentences.missing", { n, what })}`)
    .join("");

/* Each source with its part of the production, the largest first. */
export function shares(rows, sources) {
  const found = totals(rows, ["production_mwh", ...sources.map(({ column }) => column)]);
  return sources
    .map(({ name, column }) => ({ name, share: ratio(found[column].sum, found.production_mwh.sum) }))
    .toSorted((a, b) => b.share - a.share);
}
