"use strict";
/* Fills the page for the days that are picked. Charts are Altair's; this file only selects days, adds them
   up and puts the findings into words. Energies in MWh, stocks in GWh, temperatures in °C. */

const page = JSON.parse(document.getElementById("data").textContent);
const { sources, borders, seasons } = page;
const DAY = 86400000;

// ---------------------------------------------------------------- words and numbers
const number = (value, digits = 0) =>
  value === null || !Number.isFinite(value)
    ? "unknown"
    : value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const percent = (value, digits = 1) => (value === null ? "unknown" : `${number(100 * value, digits)} %`);
const signed = (value, digits) => (value > 0 ? "+" : "") + number(value, digits);
const counted = (n, thing) => `${number(n)} ${thing}${n === 1 ? "" : "s"}`;
const day = (iso) =>
  new Date(`${iso}T00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const listed = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);
const strength = (r) => {
  const size = Math.abs(r);
  const word = size < 0.2 ? "hardly related" : size < 0.5 ? "weakly related" : size < 0.8 ? "related" : "closely related";
  return size < 0.2 ? word : `${word}, ${r < 0 ? "in opposite directions" : "in the same direction"}`;
};

// ---------------------------------------------------------------- sums over days
const known = (rows, column) => rows.map((row) => row[column]).filter((value) => value !== null);
const sum = (rows, column) => {
  const values = known(rows, column);
  return values.length ? values.reduce((a, b) => a + b, 0) : null;
};
const mean = (rows, column) => {
  const values = known(rows, column);
  return values.length ? values.reduce((a, b) => a + b, 0) / values.length : null;
};
const ratio = (a, b) => (a === null || !b ? null : a / b);

/* Pearson's r and the least-squares slope of y over x, over days on which both are known; null as in the
   marts: over too few days, or when a side does not vary. */
function related(rows, x, y) {
  const pairs = rows.filter((row) => x(row) !== null && y(row) !== null).map((row) => [x(row), y(row)]);
  const n = pairs.length;
  const result = { days: n, r: null, slope: null };
  if (n < page.minimum_days) return result;
  const [mx, my] = [0, 1].map((i) => pairs.reduce((a, pair) => a + pair[i], 0) / n);
  let [xx, yy, xy] = [0, 0, 0];
  for (const [a, b] of pairs) {
    xx += (a - mx) ** 2;
    yy += (b - my) ** 2;
    xy += (a - mx) * (b - my);
  }
  return xx > 0 && yy > 0 ? { days: n, r: xy / Math.sqrt(xx * yy), slope: xy / xx } : result;
}

// ---------------------------------------------------------------- the days
const columns = Object.keys(page.days);
const all = page.days.local_date.map((_, i) => {
  const row = Object.fromEntries(columns.map((name) => [name, page.days[name][i]]));
  row.season_of_year = `${row.season} ${row.season_year}`;
  row.season_start = 4 * row.season_year + seasons.indexOf(row.season);
  return row;
});
const withMix = all.filter((row) => row.consumption_mwh !== null);
const power = (column) => (row) => ratio(row[column], row.hours_in_day);

// ---------------------------------------------------------------- findings, a sentence or two each
const span = (rows) =>
  rows.length ? `${day(rows[0].local_date)} to ${day(rows.at(-1).local_date)}` : "no day of the period";

function missing(rows, column, what) {
  const n = rows.length - known(rows, column).length;
  return n ? ` ${counted(n, "day")} of the period ${n === 1 ? "has" : "have"} no ${what}.` : "";
}

function findMix(rows) {
  const mix = rows.filter((row) => row.consumption_mwh !== null);
  if (!mix.length) return "There is no electricity mix for this period.";
  const production = sum(mix, "production_mwh");
  const ranked = sources
    .map((s) => ({ name: s.name, share: ratio(sum(mix, s.column), production) }))
    .sort((a, b) => b.share - a.share);
  const net = sum(mix, "net_physical_import_mwh");
  const incomplete = mix.filter((row) => !row.is_mix_complete).length;
  return (
    `Over ${counted(mix.length, "day")} (${span(mix)}) France consumed ${number(sum(mix, "consumption_mwh") / 1e6, 3)} TWh ` +
    `and produced ${number(production / 1e6, 3)} TWh: ` +
    `${listed(ranked.slice(0, 4).map((s) => `${s.name} ${percent(s.share)}`))}. ` +
    `It ${net < 0 ? "exported" : "imported"} ${number(Math.abs(net) / 1e6, 3)} TWh net (physical exchanges).` +
    (incomplete ? ` ${counted(incomplete, "day")} of these ${incomplete === 1 ? "is" : "are"} incomplete.` : "") +
    missing(rows, "consumption_mwh", "electricity mix")
  );
}

function findGasTemperature(rows) {
  const celsius = (row) => row.mean_celsius;
  const level = related(rows, celsius, (row) => row.stock_gwh);
  const flow = related(rows, celsius, (row) => row.net_withdrawal_gwh);
  const stocks = rows.filter((row) => row.stock_gwh !== null);
  const first = stocks[0], last = stocks.at(-1);
  const moved = stocks.length
    ? `The stock went from ${number(first.stock_gwh / 1000, 1)} TWh on ${day(first.local_date)} to ` +
      `${number(last.stock_gwh / 1000, 1)} TWh on ${day(last.local_date)}. `
    : "No national gas stock is known for this period. ";
  const said = ({ days, r }, what) =>
    r === null
      ? `Too few days (${days}) to relate ${what} and temperature.`
      : `${what[0].toUpperCase()}${what.slice(1)} and temperature are ${strength(r)} (r = ${number(r, 2)}, ${counted(days, "day")}).`;
  const slope = flow.slope === null ? "" : ` Each degree less goes with ${number(-flow.slope, 0)} GWh a day more withdrawn.`;
  return moved + said(level, "level") + " " + said(flow, "withdrawal") + slope + missing(rows, "stock_gwh", "national gas stock");
}

function findSourcesTemperature(rows) {
  const cold = rows.filter((row) => row.mean_celsius !== null && row.mean_celsius < page.heating_threshold);
  const response = (column) => related(cold, (row) => row.mean_celsius, power(column));
  const consumption = response("consumption_mwh");
  if (consumption.slope === null)
    return (
      `Too few days below ${page.heating_threshold} °C (${consumption.days}) to say how power responds to cold.` +
      missing(rows, "mean_celsius", "temperature")
    );
  const ranked = sources
    .map((s) => ({ name: s.name, ...response(s.column) }))
    .filter((s) => s.slope !== null)
    .sort((a, b) => a.slope - b.slope);
  return (
    `Below ${page.heating_threshold} °C each degree of cold goes with ${number(-consumption.slope)} MW more consumption ` +
    `(r = ${number(consumption.r, 2)}, ${counted(consumption.days, "day")}); most of it comes from ` +
    `${listed(ranked.slice(0, 3).map((s) => `${s.name} (${signed(-s.slope, 0)} MW)`))}. ` +
    `Least-squares line through daily means, week-ends included.` + missing(rows, "mean_celsius", "temperature")
  );
}

function findSourcesGas(rows) {
  const found = sources
    .map((s) => ({ name: s.name, ...related(rows, (row) => row.stock_gwh, power(s.column)) }))
    .filter((s) => s.r !== null)
    .sort((a, b) => Math.abs(b.r) - Math.abs(a.r));
  const gas = related(rows, (row) => row.net_withdrawal_gwh, power("gas_mwh"));
  if (!found.length) return "Too few days with both a mix and a national gas stock." + missing(rows, "stock_gwh", "national gas stock");
  return (
    `The source that goes most with the gas stock is ${found[0].name}: ${strength(found[0].r)} ` +
    `(r = ${number(found[0].r, 2)}, ${counted(found[0].days, "day")}). ` +
    (gas.r === null
      ? `Too few days (${gas.days}) to relate gas-fired power and withdrawal.`
      : `Gas-fired power and withdrawal are ${strength(gas.r)} (r = ${number(gas.r, 2)}, ${counted(gas.days, "day")}).`) +
    missing(rows, "stock_gwh", "national gas stock")
  );
}

const DAYS_IN_SEASON = (start) => {
  const [year, index] = [Math.floor(start / 4), start % 4];
  const at = (i) => Date.UTC(year, 3 * i - 1, 1);
  return Math.round((at(index + 1) - at(index)) / DAY);
};

function findSeasons(rows) {
  const groups = Map.groupBy(rows.filter((row) => row.production_mwh !== null), (row) => row.season_start);
  if (!groups.size) return "There is no electricity mix for this period.";
  const share = (start, column) => ratio(sum(groups.get(start), column), sum(groups.get(start), "production_mwh"));
  const whole = [...groups.keys()].filter((start) => groups.get(start).length === DAYS_IN_SEASON(start));
  const pairs = whole.filter((start) => whole.includes(start - 4));
  const name = (start) => groups.get(start)[0].season_of_year;
  const partial = groups.size - whole.length;
  const note = partial ? ` ${counted(partial, "season")} of the period ${partial === 1 ? "is" : "are"} not whole.` : "";
  if (!pairs.length) {
    const last = [...groups.keys()].at(-1);
    const top = sources.map((s) => ({ name: s.name, share: share(last, s.column) })).sort((a, b) => b.share - a.share)[0];
    return (
      `In ${name(last)} ${top.name} made ${percent(top.share)} of the production (${counted(groups.get(last).length, "day")}). ` +
      `No whole season stands beside the same season one year before.` + note
    );
  }
  const last = Math.max(...pairs);
  const moves = sources
    .map((s) => ({ name: s.name, now: share(last, s.column), change: share(last, s.column) - share(last - 4, s.column) }))
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  return (
    `From ${name(last - 4)} to ${name(last)} (${groups.get(last).length} days) ` +
    `${listed(moves.slice(0, 3).map((s) => `${s.name} went to ${percent(s.now)} (${signed(100 * s.change, 1)} points)`))}.` + note
  );
}

function findExchanges(rows) {
  const totals = borders
    .map((b) => ({ name: b.name, out: sum(rows, b.export), into: sum(rows, b.import) }))
    .filter((b) => b.out !== null)
    .sort((a, b) => b.out - a.out);
  if (!totals.length) return "No commercial exchange is known for this period.";
  const net = (row) =>
    borders.some((b) => row[b.export] === null) ? null : borders.reduce((a, b) => a + row[b.export] - row[b.import], 0);
  const { days, r } = related(rows, (row) => row.stock_gwh, net);
  const out = totals.reduce((a, b) => a + b.out, 0), into = totals.reduce((a, b) => a + b.into, 0);
  return (
    `France sold ${number(out / 1e6, 3)} TWh and bought ${number(into / 1e6, 3)} TWh; most went to ${totals[0].name} ` +
    `(${number(totals[0].out / 1e6, 3)} TWh, ${percent(ratio(totals[0].out, out))}). ` +
    (r === null
      ? `Too few days (${days}) to relate net export and gas stock.`
      : `Net export and gas stock are ${strength(r)} (r = ${number(r, 2)}, ${counted(days, "day")}).`) +
    missing(rows, "stock_gwh", "national gas stock")
  );
}

const findings = {
  "finding-mix": findMix,
  "finding-gas-temperature": findGasTemperature,
  "finding-sources-temperature": findSourcesTemperature,
  "finding-sources-gas": findSourcesGas,
  "finding-seasons": findSeasons,
  "finding-exchanges": findExchanges,
};

// ---------------------------------------------------------------- tiles, gaps, table
function tiles(rows) {
  const production = sum(rows, "production_mwh");
  const lowCarbon = page.low_carbon.reduce((a, column) => a + (sum(rows, column) ?? 0), 0);
  const exported = borders.reduce((a, b) => a + (sum(rows, b.export) ?? 0) - (sum(rows, b.import) ?? 0), 0);
  const shown = {
    "tile-days": `${number(known(rows, "consumption_mwh").length)} of ${number(rows.length)}`,
    "tile-co2": number(mean(rows, "co2_g_per_kwh"), 1),
    "tile-consumption": number(ratio(sum(rows, "consumption_mwh"), 1e6), 3),
    "tile-production": number(ratio(production, 1e6), 3),
    "tile-low-carbon": percent(ratio(lowCarbon, production)),
    "tile-net-export": production === null ? "unknown" : number(exported / 1e6, 3),
    "tile-temperature": number(mean(rows, "mean_celsius"), 1),
  };
  for (const [id, text] of Object.entries(shown)) document.getElementById(id).textContent = text;
}

function gaps(first, last) {
  const found = page.gaps.filter((gap) => gap.last >= first && gap.first <= last);
  const list = document.getElementById("gaps");
  list.replaceChildren(
    ...found.slice(-page.listed_gaps).map((gap) => {
      const item = document.createElement("li");
      const when = gap.first === gap.last ? day(gap.first) : `${day(gap.first)} to ${day(gap.last)}`;
      item.textContent = `${page.titles[gap.source_table]}, ${when}: ${gap.missing ?? "something"} (${gap.reason})`;
      return item;
    }),
  );
  document.getElementById("gaps-summary").textContent = found.length
    ? `Missing in this period: ${counted(found.length, "gap")}` +
      (found.length > page.listed_gaps ? `, the last ${page.listed_gaps} of them listed` : "")
    : "Nothing is missing in this period.";
}

function table(rows) {
  const cell = (row, { column, digits }) => {
    const value = row[column];
    return value === null ? "" : digits === undefined ? String(value) : number(value, digits);
  };
  const shown = rows.slice(-page.listed_days).reverse();
  document.getElementById("table-body").replaceChildren(
    ...shown.map((row) => {
      const line = document.createElement("tr");
      for (const column of page.table) {
        const field = document.createElement("td");
        field.textContent = cell(row, column);
        line.append(field);
      }
      return line;
    }),
  );
  document.getElementById("table-note").textContent =
    rows.length > shown.length ? `The last ${number(shown.length)} of ${number(rows.length)} days; the download has all.` : "";
}

let picked = [];
document.getElementById("download").addEventListener("click", () => {
  const quoted = (value) => (value === null ? "" : /[",\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : value);
  const lines = [columns, ...picked.map((row) => columns.map((name) => quoted(row[name])))].map((line) => line.join(","));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/csv" }));
  link.download = "eco2mix-daily.csv";
  link.click();
  URL.revokeObjectURL(link.href);
});

// ---------------------------------------------------------------- charts and the period
const views = {};
async function draw(rows) {
  const style = getComputedStyle(document.documentElement);
  const [text, line] = ["--text", "--line"].map((name) => style.getPropertyValue(name).trim());
  const config = {
    background: "transparent",
    font: "system-ui, sans-serif",
    view: { stroke: null },
    axis: { labelColor: text, titleColor: text, gridColor: line, domainColor: line, tickColor: line },
    legend: { labelColor: text, titleColor: text },
  };
  const actions = { export: true, source: false, compiled: false, editor: false };
  for (const [id, spec] of Object.entries(page.charts)) {
    views[id]?.finalize();
    const chart = await vegaEmbed(document.getElementById(id), { ...spec, datasets: { days: rows } }, { config, actions, renderer: "canvas" });
    views[id] = chart.view;
  }
}

async function show(first, last) {
  picked = all.filter((row) => row.local_date >= first && row.local_date <= last);
  tiles(picked);
  gaps(first, last);
  table(picked);
  for (const [id, find] of Object.entries(findings)) document.getElementById(id).textContent = find(picked);
  document.getElementById("period").textContent = `${day(first)} to ${day(last)}`;
  if (!Object.keys(views).length) await draw(picked);
  else for (const view of Object.values(views)) await view.data("days", picked).runAsync();
  document.body.dataset.shown = `${first}/${last}`;
}

const from = document.getElementById("from"), to = document.getElementById("to");
function pick(first, last) {
  const note = document.getElementById("period-note");
  const wrong = !first || !last ? "Pick both days." : first > last ? "The first day is after the last day." : "";
  note.textContent = wrong;
  if (wrong) return;
  [from.value, to.value] = [first, last];
  history.replaceState(null, "", `#${first}/${last}`);
  return show(first, last);
}

const end = (withMix.at(-1) ?? all.at(-1))?.local_date;
const begin = (withMix[0] ?? all[0])?.local_date;
const before = (iso, days) => {
  const start = new Date(new Date(`${iso}T00:00Z`) - (days - 1) * DAY).toISOString().slice(0, 10);
  return start < begin ? begin : start;
};
const presets = { "last-30": () => before(end, 30), "last-365": () => before(end, 365), everything: () => begin };

if (end) {
  from.min = to.min = all[0].local_date;
  from.max = to.max = all.at(-1).local_date;
  for (const input of [from, to]) input.addEventListener("change", () => pick(from.value, to.value));
  for (const [id, first] of Object.entries(presets)) document.getElementById(id).addEventListener("click", () => pick(first(), end));
  const asked = location.hash.match(/^#(\d{4}-\d\d-\d\d)\/(\d{4}-\d\d-\d\d)$/);
  const start = withMix.length > 400 ? before(end, 365) : begin;
  pick(...(asked ? asked.slice(1) : [start, end]));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(picked));
} else {
  document.getElementById("period-note").textContent = "There is no data yet.";
}
