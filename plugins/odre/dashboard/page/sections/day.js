import { daysLater } from "../days.js";
import { capital, cell, counted, number, rounded, shortDay, weekday } from "../format.js";
import { gapsIn } from "../gaps.js";
import { legendNodes } from "../legend.js";
import { addressOf } from "../period.js";
import { highest, lowest, mean as meanOf, power, ratio } from "../statistics.js";
import { jumpOf, observedIn } from "../steps.js";
import { t } from "../texts.js";

const WEEK = 7;
const YEAR = 364;

const drawnLines = ({ forecasts }) => [
  { key: "consumption", column: "consumption_mw", name: t("day.consumption"), color: "var(--text)", line: "solid" },
  ...forecasts.map(({ name, key, step }, i) => ({
    key, column: step, name: t("columns.forecast", { name }), color: "var(--text)", line: i % 2 === 0 ? "dashed" : "dotted",
  })),
];

const gw = (mw) => `${number(mw / 1e3, 1)}\u00A0GW`;

/* Why there are no steps, in a sentence. */
function absent({ day, byDay, embedded_days, steps }) {
  const name = weekday(day);
  if (steps.some((step) => step.to_come)) return t("day.to_come", { day: name });
  return byDay.get(day)?.observed_steps ? t("day.away", { day: name, n: embedded_days }) : t("day.none", { day: name });
}

/* Consumption of the day, how far it is observed, and how well it was forecast. */
export function finding(_, context) {
  const { day, steps, byDay, forecasts } = context;
  const [observed, row] = [observedIn(steps), byDay.get(day)];
  if (observed.length === 0) return absent(context);
  // Steps have the values as they came. Mean and peak are taken from the mart where it has them, so that the sentence
  // agrees with the table.
  const top = observed.find((step) => step.consumption_mw === row?.peak_consumption_mw) ?? highest(observed, "consumption_mw");
  const low = lowest(observed, "consumption_mw");
  const mean = (row && power("consumption_mwh")(row)) ?? meanOf(observed, "consumption_mw");
  const said = [
    t("day.finding", {
      day: capital(weekday(day)), mean: gw(mean),
      peak: gw(top.consumption_mw), at: top.clock, low: gw(low.consumption_mw), low_at: low.clock,
    }),
  ];
  const hours = (steps.at(-1).position_end - steps[0].position) / 3_600_000;
  if (hours !== 24) said.push(t("day.hours", { n: hours }));
  const next = steps.find((step) => step.to_come);
  if (next) said.push(t("day.so_far", { day: capital(weekday(day)), until: next.clock }));
  else if (observed.length < steps.length) said.push(t("day.partly", { n: observed.length, all: steps.length }));
  for (const { name, column } of forecasts) {
    if ((row?.[column] ?? null) !== null) said.push(t("day.off", { name, error: `${rounded(row[column])}\u00A0MW` }));
  }
  return said.join(" ");
}

const gapsNode = (lines) => [
  "details",
  { class: "muted" },
  ["summary", {}, t("day.gaps", { list: counted(lines.length, "gap") })],
  ["ul", {}, ...lines.map((text) => ["li", {}, text])],
];

/* Links to other days, the legend, and what is missing on the day. */
export function content(_, context) {
  const { day, steps, picked, sources, flows, gaps, titles } = context;
  const known = (column) => steps.some((step) => step[column] !== null);
  const series = [
    ...sources.filter(({ step }) => known(step)),
    ...flows.filter(({ key }) => known(key)),
    ...drawnLines(context).filter(({ column }) => known(column)),
  ];
  const to = (id, days) => {
    const other = daysLater(day, days);
    const attributes = { id: `day-${id}`, class: "chip", href: addressOf({ ...picked, day: other }), title: weekday(other) };
    return ["a", attributes, t(`day.${id}`)];
  };
  const { lines } = gapsIn(gaps, titles, [day, day], gaps.length);
  return [
    ["p", { class: "chips" }, to("previous", -1), to("next", 1), to("week", -WEEK), to("year", -YEAR)],
    ...(series.length > 0 ? [legendNodes(series, picked, "day")] : []),
    ...(lines.length > 0 ? [gapsNode(lines)] : []),
  ];
}

const TERMS = ({ sources }) => [
  { name: t("day.consumption"), column: "consumption_mwh", scale: 1e3 },
  { name: t("day.production"), column: "production_mwh", scale: 1e3 },
  ...sources.map(({ name, column }) => ({ name, column, scale: 1e3 })),
  { name: t("day.pumping"), column: "pumping_mwh", scale: 1e3 },
  { name: t("day.exchange"), column: "net_physical_import_mwh", scale: 1e3 },
  { name: t("day.peak"), column: "peak_consumption_mw", scale: 1e3 },
  { name: t("day.co2"), column: "co2_g_per_kwh", scale: 1 },
  { name: t("day.celsius"), column: "mean_celsius", scale: 1 },
  { name: t("day.stock"), column: "stock_gwh", scale: 1e3 },
];

/* The day's figures beside those of a week and a year before. A day without data has no column, and a figure that is
   unknown on all of the days has no line. */
export function table(_, context) {
  const { day, byDay } = context;
  const known = [["", 0], ["week", -WEEK], ["year", -YEAR]]
    .map(([id, days]) => ({ head: id ? t(`day.${id}`) : shortDay(day), row: byDay.get(daysLater(day, days)) }))
    .filter(({ row }) => (row?.consumption_mwh ?? null) !== null);
  if (known.length === 0) return null;
  return {
    caption: t("day.figures"),
    heads: [t("day.what"), ...known.map(({ head }) => head)],
    lines: TERMS(context)
      .filter(({ column }) => known.some(({ row }) => row[column] !== null))
      .map(({ name, column, scale }) => [name, ...known.map(({ row }) => cell(ratio(row[column], scale), 1))]),
  };
}

/* The steps, and one more row at the end of the last step, where the areas end. */
export function datasets(_, { steps }) {
  const last = steps.at(-1);
  return { steps: last ? [...steps, { ...last, position: last.position_end, closing: true }] : [] };
}

/* The place on the axis where clocks change, and the series that are hidden. */
export function signals(_, { day, zone, picked }) {
  const { at, by } = jumpOf(day, zone);
  return { jump_at: at, jump_by: by, hidden: picked.hidden };
}
