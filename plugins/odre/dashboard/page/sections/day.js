import { daysLater } from "../days.js";
import { cell, number, weekday } from "../format.js";
import { gapsIn } from "../gaps.js";
import { legendNodes } from "../legend.js";
import { addressOf } from "../period.js";
import { highest, lowest } from "../statistics.js";
import { jumpOf, observedIn } from "../steps.js";
import { t } from "../texts.js";

const WEEK = 7;
const YEAR = 364;

const drawnLines = ({ forecasts }) => [
  { key: "consumption", name: t("day.consumption"), color: "var(--text)" },
  ...forecasts.map(({ name, key }) => ({ key, name: t("columns.forecast", { name }), color: "var(--muted)" })),
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
  const [top, low] = [highest(observed, "consumption_mw"), lowest(observed, "consumption_mw")];
  const mean = observed.reduce((sum, step) => sum + step.consumption_mw, 0) / observed.length;
  const said = [
    t("day.finding", {
      day: weekday(day), mean: gw(mean), peak: gw(top.consumption_mw), at: top.clock, low: gw(low.consumption_mw), low_at: low.clock,
    }),
  ];
  const hours = (steps.at(-1).position_end - steps[0].position) / 3_600_000;
  if (hours !== 24) said.push(t("day.hours", { n: hours }));
  if (steps.some((step) => step.to_come)) said.push(t("day.so_far", { day: weekday(day), until: steps.find((step) => step.to_come).clock }));
  else if (observed.length < steps.length) said.push(t("day.partly", { n: observed.length, all: steps.length }));
  for (const { name, column } of forecasts) {
    if ((row?.[column] ?? null) !== null) said.push(t("day.off", { name, error: `${number(row[column])}\u00A0MW` }));
  }
  return said.join(" ");
}

/* Links to other days, the legend, and what is missing on the day. */
export function content(_, context) {
  const { day, picked, sources, flows, gaps, titles } = context;
  const to = (id, days) => {
    const other = daysLater(day, days);
    return ["a", { id: `day-${id}`, class: "chip", href: addressOf({ ...picked, day: other }), title: weekday(other) }, t(`day.${id}`)];
  };
  const { lines } = gapsIn(gaps, titles, [day, day], gaps.length);
  return [
    ["p", { class: "chips" }, to("previous", -1), to("next", 1), to("week", -WEEK), to("year", -YEAR)],
    legendNodes([...sources, ...flows, ...drawnLines(context)], picked, "day"),
    ...(lines.length > 0 ? [["p", { class: "muted" }, t("day.gaps", { list: lines.join("; ") })]] : []),
  ];
}

/* The day's energies beside those of a week and a year before. */
export function table(_, { day, byDay, sources }) {
  const days = [day, daysLater(day, -WEEK), daysLater(day, -YEAR)].map((iso) => byDay.get(iso) ?? {});
  const line = (name, column, scale, digits) => [
    name, ...days.map((row) => cell((row[column] ?? null) === null ? null : row[column] / scale, digits)),
  ];
  return {
    caption: t("day.figures"),
    heads: [t("day.what"), weekday(day), t("day.week"), t("day.year")],
    lines: [
      line(t("day.consumption"), "consumption_mwh", 1e3, 1),
      line(t("day.production"), "production_mwh", 1e3, 1),
      ...sources.map(({ name, column }) => line(name, column, 1e3, 1)),
      line(t("day.pumping"), "pumping_mwh", 1e3, 1),
      line(t("day.exchange"), "net_physical_import_mwh", 1e3, 1),
      line(t("day.peak"), "peak_consumption_mw", 1e3, 1),
      line(t("day.co2"), "co2_g_per_kwh", 1, 1),
      line(t("day.celsius"), "mean_celsius", 1, 1),
      line(t("day.stock"), "stock_gwh", 1e3, 1),
    ],
  };
}

/* The steps, and a last row that ends the last of them. */
export function datasets(_, { steps }) {
  const last = steps.at(-1);
  return { steps: last ? [...steps, { ...last, position: last.position_end, closing: true }] : [] };
}

/* Where clocks change, and which series are hidden. */
export function signals(_, { day, zone, picked }) {
  const { at, by } = jumpOf(day, zone);
  return { jump_at: at, jump_by: by, hidden: picked.hidden };
}
