import { capital, cell, day as written, listed, number, percent, weekday } from "../format.js";
import { of, power, ratio } from "../statistics.js";
import { observedIn } from "../steps.js";
import { t } from "../texts.js";
import { usual } from "../usual.js";

const twh = (row) => ratio(row.stock_gwh, 1e3);
const gw = (column) => (row) => ratio(power(column)(row), 1e3);
const sold = (row) => (row.net_commercial_import_mwh === null ? null : -row.net_commercial_import_mwh / 1e3);

const consumedNow = (step) => ratio(step.consumption_mw, 1e3);
const soldNow = ({ imports, exports }) => (imports === null || exports === null ? null : -(imports + exports) / 1e3);

/* The figures beside the sources. `value`: function of the row of a day, in `unit`. `now`: the same of the latest step, for
   a day that is not over. `latest`: whether an earlier day may take the place of a day without the figure. */
const FIGURES = [
  { id: "consumption", value: gw("consumption_mwh"), unit: "GW", digits: 1, now: { value: consumedNow } },
  { id: "co2", value: of("co2_g_per_kwh"), unit: "g/kWh", digits: 0, now: { value: of("co2_g_per_kwh") } },
  { id: "exchange", value: sold, unit: "GWh", digits: 0, now: { value: soldNow, unit: "GW", digits: 1 } },
  { id: "stock", value: twh, unit: "TWh", digits: 1, latest: true },
  { id: "temperature", value: of("mean_celsius"), unit: "°C", digits: 1, latest: true },
];

/* The row of the day, or of the latest day before it that has the figure: gas and temperature are published later. */
function rowWith({ byDay, day, all }, { value, latest }) {
  const row = byDay.get(day);
  if (row && value(row) !== null) return row;
  return latest ? (all.findLast((each) => each.local_date < day && value(each) !== null) ?? null) : null;
}

function verdictOf(value, range) {
  if (range === null || value === null) return null;
  if (value < range.low) return "below";
  return value > range.high ? "above" : "usual";
}

/* A bar with the usual range, its median and the value, scaled from the lowest to the highest of these. */
function rangeNode(value, range, fromZero) {
  if (range === null || value === null) return ["span", { class: "range none" }, t("glance.unknown_range")];
  const [low, high] = [Math.min(value, range.low, fromZero ? 0 : Infinity), Math.max(value, range.high)];
  const margin = (high - low) * (fromZero ? 0 : 0.15) || 0;
  const place = (v) => `${((100 * (v - low + margin)) / (high - low + 2 * margin || 1)).toFixed(2)}%`;
  const places = { low: range.low, high: range.high, median: range.median, at: value };
  const style = Object.entries(places).map(([name, v]) => `--${name}: ${place(v)}`).join("; ");
  return ["span", { class: `range ${verdictOf(value, range)}`, style, "aria-hidden": "true" }, ["i", {}], ["b", {}], ["em", {}]];
}

/* The power of each source: the means of a day whose energies are known, or the latest step of a day that is not over.
   */
export function sourcesOf({ byDay, day, steps, sources }) {
  const row = byDay.get(day);
  if ((row?.production_mwh ?? null) !== null) {
    const shareOf = ({ column }) => ratio(row[column], row.production_mwh);
    const rows = sources.map((source) => ({ source, gw: gw(source.column)(row), share: shareOf(source) }));
    return { clock: null, step: null, rows };
  }
  const now = observedIn(steps).findLast((step) => sources.every((source) => step[source.step] !== null));
  if (!now) return null;
  const production = sources.reduce((sum, source) => sum + now[source.step], 0);
  const rows = sources.map((source) => ({ source, gw: now[source.step] / 1e3, share: ratio(now[source.step], production) }));
  return { clock: now.clock, step: now, rows };
}

const ranked = ({ rows }) => rows.toSorted((a, b) => b.gw - a.gw);

const side = (gwh) => t(gwh < 0 ? "glance.buying" : "glance.selling", { n: number(Math.abs(gwh)) });

/* The usual range in words; for an exchange it says which side is bought and which is sold. */
function rangeText({ low, high }, { id, digits }) {
  const said = id === "exchange" ? side : (value) => number(value, digits);
  return t("glance.range", { low: said(low), high: said(high) });
}

/* A figure's row, value, usual range and verdict; all null where it is unknown. */
function measured(context, figure) {
  const row = rowWith(context, figure);
  if (row === null) return { row, value: null, range: null, verdict: null };
  const value = figure.value(row);
  const range = usual(context.byDay, row.local_date, figure.value);
  return { row, value, range, verdict: verdictOf(value, range) };
}

/* The note below a figure: its day, where that is an earlier one, and the usual range. */
const belowOf = ({ row, range }, figure, day) => [
  ...(row !== null && row.local_date !== day ? [t("glance.as_of", { day: written(row.local_date) })] : []),
  ...(range === null ? [] : [rangeText(range, figure)]),
];

/* `[label, amount]` of a figure; an exchange is labelled as import or export. */
function labelled({ id }, value) {
  if (id !== "exchange" || value === null) return [capital(t(`glance.${id}`)), value];
  return [t(value < 0 ? "glance.bought" : "glance.sold"), Math.abs(value)];
}

const valueNode = (amount, digits, unit) => [
  "dd", { class: "value" }, number(amount, digits), ["small", {}, amount === null ? "" : `\u00A0${unit}`],
];

/* A figure of the latest step. It is not compared, because the usual ranges are of whole days. */
function nowNode(figure, { step, clock }) {
  const [label, amount] = labelled(figure, figure.now.value(step) ?? null);
  const { unit, digits } = { ...figure, ...figure.now };
  return [
    "div", { class: "figure", id: `glance-${figure.id}` },
    ["dt", {}, label],
    valueNode(amount, digits, unit),
    ["dd", { class: "against" }, ["span", { class: "muted" }, t("glance.at", { clock })]],
  ];
}

function figureNode(context, figure, found) {
  if (found?.step && figure.now) return nowNode(figure, found);
  const known = measured(context, figure);
  const { value, range, verdict } = known;
  const [label, amount] = labelled(figure, value);
  const below = belowOf(known, figure, context.day).join(" · ");
  const told = verdict && verdict !== "usual" ? [["strong", { class: verdict }, t(`glance.${verdict}`)]] : [];
  return [
    "div", { class: "figure", id: `glance-${figure.id}` },
    ["dt", {}, label],
    valueNode(amount, figure.digits, figure.unit),
    ["dd", { class: "against" }, rangeNode(value, range, false), ...told, ["span", { class: "muted" }, below]],
  ];
}

/* The `verdict` on every figure and every source, and `what`: its name in a sentence, with its day where that is an
   earlier one. */
const verdictsOf = (context, found) => [
  ...FIGURES.filter(({ now }) => found.step === null || !now).map((figure) => {
    const { row, verdict } = measured(context, figure);
    const what = t(`glance.${figure.id}`);
    const isOlder = row !== null && row.local_date !== context.day;
    return { what: isOlder ? t("glance.of_day", { what, day: written(row.local_date) }) : what, verdict };
  }),
  ...found.rows.map(({ source, gw: value }) => ({
    what: source.name,
    verdict: found.clock === null ? verdictOf(value, usual(context.byDay, context.day, gw(source.column))) : null,
  })),
];

/* A sentence about the largest source and about the figures that are unusual for the season. */
export function finding(_, context) {
  const found = sourcesOf(context);
  if (found === null) return t("glance.no_mix", { day: weekday(context.day) });
  const verdicts = verdictsOf(context, found);
  const unusual = verdicts.filter(({ verdict }) => verdict === "above" || verdict === "below");
  if (unusual.length > 0) {
    const named = unusual.map(({ what, verdict }) => t(verdict === "above" ? "glance.higher" : "glance.lower", { what }));
    return t("glance.unusual", { list: listed(named) });
  }
  if (found.step !== null) return "";
  return verdicts.some(({ verdict }) => verdict === "usual") ? t("glance.all_usual") : t("glance.unknown_all");
}

/* The cell with the usual range of a source, and the range in words for screen readers; empty on a day that is not over. */
function rangeCell(value, range, isWhole) {
  if (!isWhole) return ["td", { class: "ranged" }, "", ["span", { class: "hidden" }, ""]];
  if (range === null) return ["td", { class: "ranged" }, "–", ["span", { class: "hidden" }, t("glance.unknown_range")]];
  const words = t("glance.range", { low: number(range.low, 1), high: number(range.high, 1) });
  return ["td", { class: "ranged" }, rangeNode(value, range, true), ["span", { class: "hidden" }, words]];
}

function sourceLine(context, { source, gw: value, share }, isWhole) {
  const range = isWhole ? usual(context.byDay, context.day, gw(source.column)) : null;
  return [
    "tr", {},
    ["th", { scope: "row", style: `--series: ${source.color}`, class: "swatch" }, source.name],
    ["td", {}, cell(value, 2)],
    ["td", {}, percent(share)],
    rangeCell(value, range, isWhole),
  ];
}

/* Black or white, whichever is easier to read on a colour `#RRGGBB`, by its relative luminance (WCAG 2.2). */
function inkOn(color) {
  const [red, green, blue] = [1, 3, 5]
    .map((i) => Number.parseInt(color.slice(i, i + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
}

function leadOf(found, day) {
  const [first] = ranked(found);
  const values = { first: capital(first.source.name), share: percent(first.share, 0), day: weekday(day) };
  return found.clock === null ? t("glance.lead", values) : t("glance.lead_now", { ...values, clock: found.clock });
}

/* A source's part of the bar, named when it is wide enough. */
function partOfBar({ source, share }) {
  const style = `--series: ${source.color}; color: ${inkOn(source.color)}; flex-grow: ${Math.max(0, share ?? 0)}`;
  const name = share > 0.08 ? `${source.name} ${percent(share, 0)}` : "";
  return ["span", { style, title: `${source.name} ${percent(share)}` }, name];
}

/* The day in one line and one bar, its sources, and its figures, each against what is usual. */
export function content(_, context) {
  const found = sourcesOf(context);
  const figures = ["dl", { class: "figures" }, ...FIGURES.map((figure) => figureNode(context, figure, found))];
  const partial = found?.clock ? [t("glance.partial", { clock: found.clock })] : [];
  const note = ["p", { class: "muted note" }, [t("glance.note"), ...partial].join(" ")];
  if (found === null) return [figures, note];
  const bar = ["div", { class: "bar-of-sources", "aria-hidden": "true" }, ...found.rows.map(partOfBar)];
  const isWhole = found.step === null;
  const kind = t(isWhole ? "glance.power" : "glance.power_now");
  const heads = [t("glance.source"), `${kind}, GW`, t("glance.share"), isWhole ? t("glance.against") : ""];
  return [
    ["p", { class: "lead", id: "glance-lead" }, leadOf(found, context.day)],
    bar,
    ["div", { class: "glance-grid" },
      ["table", { class: "sources", id: "glance-sources", "aria-label": t("glance.sources") },
        ["thead", {}, ["tr", {}, ...heads.map((text) => ["th", { scope: "col" }, text])]],
        ["tbody", {}, ...ranked(found).map((line) => sourceLine(context, line, isWhole))]],
      figures],
    note,
  ];
}
