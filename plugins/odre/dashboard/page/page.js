// Fills the page for the days that are picked. The charts are Altair's.

const at = (id) => document.getElementById(id);

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function fill(body, lines) {
  body.replaceChildren(
    ...lines.map((cells) => {
      const line = document.createElement("tr");
      line.append(...cells.map((text, i) => (i ? element("td", text) : element("th", text, { scope: "row" }))));
      return line;
    }),
  );
}

// ---------------------------------------------------------------- tiles, gaps, table
function tiles(rows) {
  const made = with_(rows, "low_carbon_share", "production_mwh");
  const clean = made.length ? made.reduce((a, row) => a + row.low_carbon_share * row.production_mwh, 0) : null;
  const shown = {
    "tile-days": `${number(known(rows, "consumption_mwh").length)} of ${number(rows.length)}`,
    "tile-co2": number(mean(rows, "co2_g_per_kwh"), 1),
    "tile-consumption": number(ratio(sum(rows, "consumption_mwh"), 1e6), 3),
    "tile-production": number(ratio(sum(rows, "production_mwh"), 1e6), 3),
    "tile-low-carbon": percent(ratio(clean, sum(made, "production_mwh"))),
    "tile-net-export": number(ratio(sum(rows, "net_commercial_import_mwh"), -1e6), 3),
    "tile-temperature": number(mean(rows, "mean_celsius"), 1),
  };
  for (const [id, text] of Object.entries(shown)) at(id).textContent = text;
}

function gaps(first, last) {
  const found = page.gaps
    .filter((gap) => gap.last >= first && gap.first <= last)
    .sort((a, b) => (a.last < b.last ? 1 : a.last > b.last ? -1 : 0));
  at("gaps").replaceChildren(
    ...found.slice(0, page.listed_gaps).map((gap) => {
      const when = gap.first === gap.last ? day(gap.first) : `${day(gap.first)} to ${day(gap.last)}`;
      return element("li", `${capital(page.titles[gap.source_table])}, ${when}: ${gap.missing ?? "something"} (${gap.reason})`);
    }),
  );
  at("gaps-summary").textContent = found.length
    ? `Missing in this period: ${counted(found.length, "gap")}` +
      (found.length > page.listed_gaps ? `, the latest ${page.listed_gaps} of them listed.` : ".")
    : "Nothing is missing in this period.";
}

function table(rows) {
  const cell = (row, { column, digits }) => {
    const value = row[column];
    if (value === null) return "";
    if (typeof value === "boolean") return value ? "yes" : "no";
    return digits === undefined ? String(value) : number(value, digits);
  };
  const shown = rows.slice(-page.listed_days).reverse();
  fill(at("table-body"), shown.map((row) => page.table.map((column) => cell(row, column))));
  at("table-note").textContent =
    rows.length > shown.length ? `The last ${number(shown.length)} of ${number(rows.length)} days; the download has all.` : "";
}

let picked = [];
at("framed").hidden = window.top === window.self;
at("download").hidden = !at("framed").hidden;
at("download").addEventListener("click", () => {
  const quoted = (value) => (value === null ? "" : /[",\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : value);
  const lines = [columns, ...picked.map((row) => columns.map((name) => quoted(row[name])))].map((line) => line.join(","));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/csv" }));
  link.download = "eco2mix-daily.csv";
  link.click();
  URL.revokeObjectURL(link.href);
});

// ---------------------------------------------------------------- charts
const views = {};
const sentence = (needs) =>
  `No day of this period has ${needs.map((together) => together.map((c) => `a known ${page.words[c]}`).join(" and ")).join(" or ")}.`;

/* A chart without a single day says so instead of showing empty axes. */
function hollow(id, rows) {
  const needs = page.needs[id];
  const empty = !needs.some((together) => with_(rows, ...together).length);
  at(id).toggleAttribute("data-empty", empty);
  at(`${id}-empty`).textContent = empty ? sentence(needs) : "";
  return empty;
}

function style() {
  const css = getComputedStyle(document.documentElement);
  const [text, line] = ["--text", "--line"].map((name) => css.getPropertyValue(name).trim());
  const font = { labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" };
  return {
    background: "transparent",
    font: "system-ui, sans-serif",
    view: { stroke: null },
    axis: { labelColor: text, titleColor: text, gridColor: line, domainColor: line, tickColor: line, ...font },
    legend: { labelColor: text, titleColor: text, ...font },
    text: { color: text, fontSize: 12 },
  };
}

/* Rows of a chart's own, with the columns it names: Vega marks the rows it is given, and copies them often. */
function rowsFor(spec, rows) {
  const named = JSON.stringify(spec);
  const used = Object.keys(rows[0]).filter((name) => named.includes(name));
  return rows.map((row) => Object.fromEntries(used.map((name) => [name, row[name]])));
}

async function draw(rows, afresh = false) {
  const options = {
    config: style(),
    actions: { export: true, source: false, compiled: false, editor: false },
    renderer: "svg", // sharp in print, and its text can be recoloured there
  };
  const drawn = bucketed(rows);
  for (const [id, spec] of Object.entries(page.charts)) {
    if (hollow(id, rows)) continue;
    const days = rowsFor(spec, drawn);
    if (views[id] && !afresh) {
      await views[id].data("days", days).runAsync();
    } else {
      views[id]?.finalize();
      views[id] = (await vegaEmbed(at(id), { ...spec, datasets: { days } }, options)).view;
    }
  }
}

// ---------------------------------------------------------------- the period
let turn = 0;
async function show(first, last) {
  const mine = ++turn;
  picked = all.filter((row) => row.local_date >= first && row.local_date <= last);
  tiles(picked);
  gaps(first, last);
  table(picked);
  for (const [id, find] of Object.entries(findings)) at(id).textContent = find(picked);
  for (const [id, make] of Object.entries(tables)) fill(at(id), make(picked));
  at("period").textContent = `${day(first)} to ${day(last)}`;
  await draw(picked);
  if (mine === turn) document.body.dataset.shown = `${first}/${last}`;
}

const from = at("from"), to = at("to");
function pick(first, last) {
  const wrong = !first || !last ? "Pick both days." : first > last ? "The first day is after the last day." : "";
  at("period-note").textContent = wrong;
  if (wrong) return;
  [from.value, to.value] = [first, last];
  history.replaceState(null, "", `#${first}/${last}`);
  return show(first, last);
}

/* The period of the address, `#2021-12-01/2021-12-31`, when there is one. */
const asked = () => {
  const found = location.hash.match(/^#(\d{4}-\d\d-\d\d)\/(\d{4}-\d\d-\d\d)$/)?.slice(1);
  return found && found[0] <= found[1] && found.every((iso) => Number.isFinite(Date.parse(iso))) ? found : null;
};

const end = (withMix.at(-1) ?? all.at(-1))?.local_date;
const begin = (withMix[0] ?? all[0])?.local_date;
const before = (days) => {
  const start = new Date(new Date(`${end}T00:00Z`) - (days - 1) * DAY).toISOString().slice(0, 10);
  return start < all[0].local_date ? all[0].local_date : start;
};
const presets = {
  "last-30": () => [before(30), end],
  "last-365": () => [before(365), end],
  everything: () => [all[0].local_date, all.at(-1).local_date],
};

if (end) {
  from.min = to.min = all[0].local_date;
  from.max = to.max = all.at(-1).local_date;
  for (const input of [from, to]) input.addEventListener("change", () => pick(from.value, to.value));
  for (const [id, period] of Object.entries(presets)) at(id).addEventListener("click", () => pick(...period()));
  addEventListener("hashchange", () => asked() && pick(...asked()));
  pick(...(asked() ?? [withMix.length > 400 ? before(365) : begin, end]));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(picked, true));
} else {
  at("period-note").textContent = "There is no data yet: the marts are empty.";
  document.querySelector("main").hidden = true;
  document.body.dataset.shown = "";
}
