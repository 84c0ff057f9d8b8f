// Puts rows of the mart `answers` into words: numbers with their unit, intervals, verdicts, names of parts.

import { capital, cell, number } from "./format.js";
import { named, t } from "./texts.js";

const DIGITS = { correlation: 2, percent: 1, percentage_points: 1, percentage_points_per_year: 2, days: 0 };
// Units whose "per °C" is already in the sentence.
const SLOPES = { mw_per_celsius: true, gwh_per_celsius: true, gwh_per_winter_celsius: true };
// What a method counts, where it does not count days.
const COUNTED = {
  per_winter: "winters",
  annual_phase: "years",
  season_share: "seasons",
  season_difference: "seasons",
  season_trend: "seasons",
  same_month_correlation: "months",
  previous_years: "years",
};

/* The row of a question, part, method and period, or null where the mart has none. */
export const rowOf = (answers, question, part, method, period = "all") =>
  answers.find(
    (row) => row.question === question && row.part === part && row.method === method && row.period === period,
  ) ?? null;

/* All rows of a question and method over all days (or another period). */
export const rowsWith = (answers, question, method, period = "all") =>
  answers.filter((row) => row.question === question && row.method === method && row.period === period);

const digits = (row) => DIGITS[row.unit] ?? 0;

/* A value of a row in a sentence: whole numbers to three significant digits, which is more than the intervals bear. */
export const spoken = (row, value) =>
  number(value !== null && digits(row) === 0 ? Number(value.toPrecision(3)) : value, digits(row));

/* A value in the unit of its row: `941 MW per °C`. */
export const inUnit = (row, value) => t(`answers.unit_${row.unit}`, { n: spoken(row, value) });

export const estimate = (row) => inUnit(row, row.estimate);

/* The estimate of a slope without its "per °C", which is already in the sentence: `1,560 MW`. */
export const amount = (row) => t(`answers.amount_${row.unit}`, { n: spoken(row, row.estimate) });

/* `-0.2 to 0.4`, in the unit of the row and without naming it. */
export const interval = (row) => t("answers.interval", { lower: spoken(row, row.lower), upper: spoken(row, row.upper) });

/* How many observations a row has, in words. */
export const observations = (row) => t(`answers.${COUNTED[row.method] ?? "days"}`, { n: row.days });

/* `95 % interval 900 to 980, 512 days`. */
export const certain = (row) => t("answers.certain", { interval: interval(row), days: observations(row) });

/* A sentence that says why something cannot be determined. `what`: the thing in words. */
function untold(row, what) {
  const reason = row?.reason ?? "no_data";
  const known = row && row.estimate !== null && row.lower !== null;
  return t("answers.untold", {
    what,
    why: t(`answers.${reason}`),
    estimate: known ? t("answers.estimated", { estimate: estimate(row), interval: interval(row) }) : "",
  });
}

/* The sentence of a row: the text that its `sentence_key` names, or why the answer cannot be determined. `name`: the name
   of its texts (`<name>_what`), for rows without a `sentence_key` and where the mart has no row. `values`: further values
   of the text. */
export function sentence(row, name, values = {}) {
  if (!row || row.verdict === "not_detectable") return untold(row, t(`answers.${row?.sentence_key ?? `${name}_what`}`));
  const said = row.unit in SLOPES ? amount(row) : estimate(row);
  return t(`answers.${row.sentence_key}`, { estimate: said, certain: certain(row), ...values });
}

/* A part of a question as people call it. `words`: source, border or season as the mart names it → as people read it. */
export function partName(part, words) {
  const one = (name) => {
    if (words[name]) return words[name];
    const hour = name.match(/^hour_(\d\d)$/u);
    if (hour) return t("answers.part_hour", { hour: String(Number(hour[1])) });
    return t(`answers.part_${name}`);
  };
  return part.split("/").map(one).join(", ");
}

/* Sources, borders and seasons as the mart names them → as people read them. */
export const partWords = ({ sources, borders, seasons }) =>
  Object.fromEntries([
    ...sources.map(({ name, column }) => [column.replace(/_mwh$/u, ""), name]),
    ...seasons.map((season) => [season, named(season)]),
    ...borders.map((border) => [border.export.replaceAll(/^export_|_mwh$/gu, ""), border.name]),
  ]);

const PERIODS = new Set(["all", "trailing_year", "latest_day"]);
const periodName = (row) => (PERIODS.has(row.period) ? t(`answers.period_${row.period}`) : row.period);

const verdictName = (row) =>
  row.reason ? `${t("answers.verdict_not_detectable")}: ${t(`answers.${row.reason}`)}` : t(`answers.verdict_${row.verdict}`);

const range = (row, lower, upper) =>
  lower === null ? "–" : t("answers.interval", { lower: number(lower, digits(row)), upper: number(upper, digits(row)) });

/* Heads and lines of the table with all rows of a question, from which the sentences above it are made. */
export function linesOf(rows, words) {
  return {
    heads: ["part", "method", "period", "estimate", "interval", "range", "days", "effective", "verdict"].map((name) =>
      t(`answers.head_${name}`),
    ),
    lines: rows.map((row) => [
      capital(partName(row.part, words)),
      t(`answers.method_${row.method}`),
      periodName(row),
      cell(row.estimate, digits(row)),
      range(row, row.lower, row.upper),
      range(row, row.lowest, row.highest),
      number(row.days),
      cell(row.effective_n, 0),
      verdictName(row),
    ]),
  };
}
