// Sentences that several sections share.

import { having, ratio, sum } from "./statistics.js";
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
  const production = sum(rows, "production_mwh");
  return sources
    .map((source) => ({ name: source.name, share: ratio(sum(rows, source.column), production) }))
    .toSorted((a, b) => b.share - a.share);
}
