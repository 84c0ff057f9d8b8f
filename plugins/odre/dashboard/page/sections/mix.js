import { balanceOf, isComparable, linesOf, meanOf } from "../balance.js";
import { bucketing, bucketsBetween, daysFrom, stepOf } from "../days.js";
import { cell, counted, energy, listed, percent, rounded, signed, span } from "../format.js";
import { legendNodes } from "../legend.js";
import { missing, shares } from "../sentences.js";
import { having, highest, ratio, sum, totals } from "../statistics.js";
import { t } from "../texts.js";
import { tiles } from "../tiles.js";

const NEUTRAL = "#808080";

// Columns that sentences and tiles add up. Each can be unknown on a day whose production is known.
const SUMMED = ["consumption_mwh", "net_physical_import_mwh", "net_commercial_import_mwh"];

/* Sentences about what was consumed, produced and exchanged, about the sources, and about the highest step. */
export function finding(rows, { sources, words }) {
  const mix = having(rows, "production_mwh");
  if (mix.length === 0) return t("mix.none");
  const ranked = shares(mix, sources).slice(0, 4);
  const net = sum(mix, "net_physical_import_mwh");
  const incomplete = mix.filter((row) => !row.is_mix_complete).length;
  const peak = highest(rows, "peak_consumption_mw");
  const said = [
    t("mix.finding", {
      days: counted(mix.length, "day"),
      span: span(mix[0].local_date, mix.at(-1).local_date),
      consumed: energy(sum(mix, "consumption_mwh")),
      produced: energy(sum(mix, "production_mwh")),
      shares: listed(ranked.map(({ name, share }) => `${name} ${percent(share)}`)),
    }),
  ];
  if (net !== null) said.push(t(net < 0 ? "mix.exported" : "mix.imported", { energy: energy(Math.abs(net)) }));
  if (peak) said.push(t("mix.peaked", { power: `${rounded(peak.peak_consumption_mw)}\u00A0MW`, day: peak.day_name }));
  if (incomplete) said.push(t("mix.incomplete", { n: incomplete }));
  const partly = SUMMED.filter((column) => having(mix, column).length < mix.length);
  return said.join(" ") + missing(rows, words, "production_mwh", ...partly);
}

/* The series of the stack of which something is known in the period. */
function knownSeries(rows, context) {
  const drawn = steps(rows, context);
  const isKnown = (column) => drawn.some((step) => step[column] !== null);
  return [...context.sources.filter(({ column }) => isKnown(column)), ...context.flows.filter(({ key }) => isKnown(key))];
}

const tile = ({ id, label, value, note = "" }) =>
  ["div", {}, ["dt", {}, note === "" ? label : `${label} (${note})`], ["dd", { id }, value]];

const drawnLines = () => [
  { key: "consumption", name: t("mix.consumption"), color: "var(--text)", line: "solid" },
  { key: "peak_consumption", name: t("mix.peak"), color: "var(--text)", line: "dotted" },
];

/* Figures of the period, and the legend of its chart. */
export function content(rows, context) {
  const series = knownSeries(rows, context);
  return [
    ["dl", { class: "tiles" }, ...tiles(rows).map(tile)],
    ...(series.length > 0 ? [legendNodes([...series, ...drawnLines()], context.picked, "mix")] : []),
  ];
}

const FLOWING = [
  "production_mwh", "consumption_mwh", "net_physical_import_mwh",
  "pumping_mwh", "battery_charging_mwh", "battery_discharging_mwh",
];

/* One step of the chart: the mean power of each series, MW, over those of its days on which the series is known, and
   the highest consumption of a quarter-hour or half-hour of these days. */
function stepRow(bucket, days, sources) {
  const found = totals(having(days, "production_mwh"), [...FLOWING, ...sources.map(({ column }) => column)], "hours_in_day");
  const power = (column) => ratio(found[column].sum, found[column].weight);
  const net = power("net_physical_import_mwh");
  return {
    ...bucket,
    production_mwh: found.production_mwh.sum,
    ...Object.fromEntries(sources.map(({ column }) => [column, power(column)])),
    imports: net === null ? null : Math.max(0, net),
    exports: net === null ? null : Math.min(0, net),
    pumping: power("pumping_mwh"),
    battery_charging: power("battery_charging_mwh"),
    battery_discharging: power("battery_discharging_mwh"),
    consumption_mw: power("consumption_mwh"),
    peak_consumption_mw: highest(days, "peak_consumption_mw")?.peak_consumption_mw ?? null,
  };
}

function stepsOf(rows, { sources, period }) {
  const bucketOf = bucketing(stepOf(daysFrom(...period)));
  const days = Map.groupBy(rows, ({ local_date: iso }) => bucketOf(iso));
  const made = bucketsBetween(...period, bucketOf).map((bucket) => stepRow(bucket, days.get(bucket) ?? [], sources));
  return [...made, { ...made.at(-1), bucket: made.at(-1).bucket_end, closing: true }];
}

const made = new WeakMap();

/* The steps of the chart. They are kept with the rows, because the legend names the series that they have. */
function steps(rows, context) {
  if (!made.has(rows)) made.set(rows, stepsOf(rows, context));
  return made.get(rows);
}

const named = ({ key, name }) => name ?? t(key);

/* Differences of mean power from the other period; an empty list without another period, or when too little of either
   is known. */
function differences(rows, { sources, compared, period }) {
  if (!compared) return [];
  const [now, before] = [rows, compared.rows].map((days) => balanceOf(days, sources));
  if (!isComparable(now, period) || !isComparable(before, compared.period)) return [];
  const old = linesOf(before, sources);
  return linesOf(now, sources).map((line, rank) => {
    const [a, b] = [meanOf(line.mwh, now), meanOf(old[rank].mwh, before)];
    return { name: named(line), color: line.color ?? NEUTRAL, rank, now: a, before: b, gw: a - b };
  });
}

export const datasets = (rows, context) => ({ mix_steps: steps(rows, context), mix_differences: differences(rows, context) });

export const signals = (_, { picked }) => ({ hidden: picked.hidden });

const twh = (mwh) => cell(mwh / 1e6, 3);

const gw = (mwh, balance) => cell(meanOf(mwh, balance), 2);

/* The balance of the period and, beside it, that of the period that is compared. */
export function table(rows, { sources, compared, period }) {
  const now = balanceOf(rows, sources);
  if (now.days === 0) return null;
  const before = compared ? balanceOf(compared.rows, sources) : null;
  const old = before === null ? null : linesOf(before, sources);
  const comparable = before !== null && isComparable(now, period) && isComparable(before, compared.period);
  const change = (line, other) =>
    before.days === 0
      ? ["–", "–", "–"]
      : [twh(other.mwh), gw(other.mwh, before), comparable ? signed(meanOf(line.mwh, now) - meanOf(other.mwh, before), 2) : "–"];
  return {
    caption: [
      t("mix.balance_caption", { days: counted(now.days, "day"), span: span(...period) }),
      ...(before === null
        ? []
        : [t("mix.compared_caption", { days: counted(before.days, "day"), span: span(...compared.period) })]),
    ].join(" "),
    heads: [
      t("mix.term"), "TWh", t("mix.mean_gw"),
      ...(before === null ? [] : [t("mix.before_twh"), t("mix.before_gw"), t("mix.difference_axis")]),
    ],
    lines: linesOf(now, sources).map((line, i) => [
      named(line), twh(line.mwh), gw(line.mwh, now), ...(before === null ? [] : change(line, old[i])),
    ]),
  };
}
