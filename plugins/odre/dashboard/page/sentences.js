// Sentences that several sections share.

import { capital, counted, number } from "./format.js";
import { having, of, ratio, sum } from "./statistics.js";
import { t } from "./texts.js";

/* What the period lacks: on how many of its days each of the columns is unknown. `words`: column → its name. */
export const missing = (rows, words, ...wanted) =>
  wanted
    .map((column) => [rows.length - having(rows, column).length, words[column]])
    .filter(([n]) => n)
    .map(([n, what]) => ` ${t("sentences.missing", { n, what })}`)
    .join("");

/* How closely two things are related, from Pearson's r. */
export function strength(r) {
  const size = Math.abs(r);
  if (size < 0.2) return t("sentences.hardly");
  const word = size < 0.5 ? "sentences.weakly" : size < 0.8 ? "sentences.related" : "sentences.closely";
  return `${t(word)}, ${t(r < 0 ? "sentences.opposite" : "sentences.same")}`;
}

export const coefficient = ({ r, days }) => t("sentences.coefficient", { r: number(r, 2), days: counted(days, "day") });

/* A sentence on how the two things named by `what` are related. */
export const relation = (found, what) =>
  found.r === null
    ? t("sentences.unrelated", { what: capital(what), days: found.days })
    : t("sentences.relation", { what: capital(what), strength: strength(found.r), coefficient: coefficient(found) });

/* Whether a period is long enough for any coefficient at all. */
export const isLong = (rows, { minimum_days }) => rows.length >= minimum_days;

/* Each source with its part of the production, the largest first. */
export function shares(rows, sources) {
  const production = sum(rows, "production_mwh");
  return sources
    .map((source) => ({ name: source.name, share: ratio(sum(rows, source.column), production) }))
    .toSorted((a, b) => b.share - a.share);
}

/* The rule under every table of coefficients. */
export const rule = ({ minimum_days }) => t("sentences.rule", { days: minimum_days });

/* Days of electricity by season, `season_start` → rows. */
export const bySeason = (rows) => Map.groupBy(having(rows, "production_mwh"), of("season_start"));
