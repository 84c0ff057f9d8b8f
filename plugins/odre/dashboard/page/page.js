// Fills the page for the days that are picked. This module alone touches the document.

import { fits, obstacle, rowsFor } from "./charts.js";
import { bucketed, rowsOf } from "./days.js";
import { csv, daysTable } from "./days_table.js";
import { span } from "./format.js";
import { gapsIn } from "./gaps.js";
import { complaint, periodOf, presets } from "./period.js";
import { sections } from "./sections.js";
import { tiles } from "./tiles.js";

const at = (id) => document.getElementById(id);
const page = JSON.parse(at("data").textContent);
const all = rowsOf(page.days, page.context.seasons);
const context = { ...page.context, all };

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function line(cells) {
  const made = document.createElement("tr");
  made.append(...cells.map((text, i) => (i ? element("td", text) : element("th", text, { scope: "row" }))));
  return made;
}

// ---------------------------------------------------------------- words and tables
function showTiles(rows) {
  at("tiles").replaceChildren(
    ...tiles(rows).map(({ id, label, value }) => {
      const tile = document.createElement("div");
      tile.append(element("dt", label), element("dd", value, { id }));
      return tile;
    }),
  );
}

/* A section is left out where it has nothing to say: of relations on a single day, for example. */
function showSection(id, { finding, table }, rows) {
  const said = finding(rows, context);
  at(id).hidden = at(`link-${id}`).hidden = said === null;
  at(`finding-${id}`).textContent = said ?? "";
  const made = table?.(rows, context);
  at(`figure-${id}`).hidden = !made;
  if (!made) return;
  at(`caption-${id}`).textContent = made.caption;
  const [head, body] = ["thead", "tbody"].map((tag) => document.createElement(tag));
  const heads = document.createElement("tr");
  heads.append(...made.heads.map((text) => element("th", text, { scope: "col" })));
  head.append(heads);
  body.append(...made.lines.map(line));
  at(`table-${id}`).replaceChildren(head, body);
}

function showGaps(period) {
  const { summary, lines } = gapsIn(page.gaps, page.titles, period, page.listed_gaps);
  at("gaps-summary").textContent = summary;
  at("gaps").replaceChildren(...lines.map((text) => element("li", text)));
}

function showDays(rows) {
  const { lines, note } = daysTable(rows, page.table, page.listed_days);
  at("table-body").replaceChildren(...lines.map(line));
  at("table-note").textContent = note;
}

// ---------------------------------------------------------------- charts
const views = {};

function style() {
  const css = getComputedStyle(document.documentElement);
  const [text, grid] = ["--text", "--line"].map((name) => css.getPropertyValue(name).trim());
  const font = { labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" };
  return {
    background: "transparent",
    font: "system-ui, sans-serif",
    view: { stroke: null },
    axis: { labelColor: text, titleColor: text, gridColor: grid, domainColor: grid, tickColor: grid, ...font },
    legend: { labelColor: text, titleColor: text, ...font },
    text: { color: text, fontSize: 12 },
  };
}

const ROW = 20;

async function drawOne({ id, specification, row_field }, place, days, options, afresh) {
  if (views[id] && !afresh) {
    views[id].data("days", days);
  } else {
    views[id]?.finalize();
    views[id] = (await window.vegaEmbed(place, { ...specification, datasets: { days } }, options)).view;
  }
  if (row_field) views[id].height(ROW * new Set(days.map((row) => row[row_field])).size);
  await views[id].runAsync();
}

/* Draw every chart for the rows; `afresh` also takes up the colours of the page anew. */
async function draw(rows, afresh = false) {
  const options = {
    config: style(),
    actions: { export: true, source: false, compiled: false, editor: false },
    // SVG is sharp in print, and its text can be recoloured there.
    renderer: "svg",
  };
  const drawn = bucketed(rows, page.daily_charts_up_to);
  for (const chart of page.charts) {
    const [place, why] = [at(chart.id), obstacle(chart, rows, context.words)];
    place.parentElement.hidden = !fits(chart, rows);
    place.toggleAttribute("data-empty", why !== "");
    at(`${chart.id}-empty`).textContent = why;
    if (why || place.parentElement.hidden || place.closest("section").hidden) continue;
    await drawOne(chart, place, rowsFor(chart.specification, drawn), options, afresh);
  }
}

// ---------------------------------------------------------------- the period
const [from, to] = [at("from"), at("to")];
let picked = [];
let turn = 0;

async function show(first, last) {
  const mine = ++turn;
  picked = all.filter((row) => row.local_date >= first && row.local_date <= last);
  showTiles(picked);
  for (const [id, section] of Object.entries(sections)) showSection(id, section, picked);
  showGaps([first, last]);
  showDays(picked);
  at("period").textContent = span(first, last);
  await draw(picked);
  if (mine === turn) document.body.dataset.shown = `${first}/${last}`;
}

function pick(first, last) {
  const wrong = complaint(first, last);
  at("period-note").textContent = wrong;
  if (wrong) return;
  [from.value, to.value] = [first, last];
  history.replaceState(null, "", `#${first}/${last}`);
  show(first, last);
}

function start() {
  const { opening, ...periods } = presets(all);
  from.min = to.min = all[0].local_date;
  from.max = to.max = all.at(-1).local_date;
  for (const input of [from, to]) input.addEventListener("change", () => pick(from.value, to.value));
  for (const [id, period] of Object.entries(periods)) at(id).addEventListener("click", () => pick(...period));
  addEventListener("hashchange", () => {
    const asked = periodOf(location.hash);
    if (asked) pick(...asked);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(picked, true));
  pick(...(periodOf(location.hash) ?? opening));
}

/* The address holds the period, so a link within the page scrolls without changing it. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (!link) return;
  event.preventDefault();
  const target = at(link.getAttribute("href").slice(1));
  target.scrollIntoView();
  target.querySelector("h2").focus({ preventScroll: true });
});

// Airflow's frame allows neither downloads nor links that open a tab.
at("address").textContent = location.href.split("#")[0];
at("framed").hidden = window.top === window.self;
at("download").hidden = !at("framed").hidden;
at("download").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv(picked, Object.keys(page.days))], { type: "text/csv" }));
  link.download = "eco2mix-daily.csv";
  link.click();
  URL.revokeObjectURL(link.href);
});

if (all.length > 0) {
  start();
} else {
  at("period-note").textContent = "There is no data yet: the marts are empty.";
  document.querySelector("main").hidden = true;
  document.body.dataset.shown = "";
}
