// Draws the charts with Vega.

import { fits, obstacle, rowsFor, seriesRows } from "../charts.js";
import { chartLocale } from "../format.js";
import { nameTools, serveTools } from "./figures.js";

// Vega's log level for errors only.
const ERRORS = 1;
const drawn = new Map();
let age = 0;

/* Draw every chart anew from now on, after a change of language or colours. */
export function renew() {
  age += 1;
}

function style(css) {
  const [text, muted, grid] = ["--text", "--muted", "--line"].map((name) => css.getPropertyValue(name).trim());
  const font = { labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" };
  return {
    // Marks need no descriptions, because the table below the chart has their values.
    aria: false,
    background: "transparent",
    font: "system-ui, sans-serif",
    view: { stroke: null },
    axis: { labelColor: muted, titleColor: muted, gridColor: grid, domainColor: grid, tickColor: grid, ...font },
    axisX: { grid: false },
    legend: { labelColor: text, titleColor: text, ...font },
    text: { color: text, fontSize: 12 },
  };
}

const options = (css) => ({
  config: style(css),
  actions: false,
  // Vega warns about every layer without rows, and a page without data has many of them.
  logLevel: ERRORS,
  ...chartLocale(),
});

const paramsIn = ({ params = [], layer = [] }) => [...params, ...layer.flatMap(paramsIn)].map(({ name }) => name);

const place = (id) => document.getElementById(id);

/* Draw a chart for which `announce` has returned true. `datasets`: name → rows. `signals`: values of its parameters. */
export async function draw(chart, { datasets, signals }) {
  const { id, specification, dataset, along, renderer } = chart;
  const before = drawn.get(id);
  const given = { [dataset]: rowsFor(specification, datasets[dataset]) };
  if (along !== "") given.series = seriesRows(chart, datasets[dataset]);
  const css = getComputedStyle(document.documentElement);
  let view = before?.view;
  if (before?.age === age) {
    for (const [name, rows] of Object.entries(given)) view.data(name, rows);
  } else {
    view?.finalize();
    ({ view } = await window.vegaEmbed(place(id), { ...specification, datasets: given }, { ...options(css), renderer }));
  }
  const known = paramsIn(specification);
  const all = { ink: css.getPropertyValue("--text").trim(), ...signals };
  for (const [name, value] of Object.entries(all)) if (known.includes(name)) view.signal(name, value);
  await view.runAsync();
  // Screen readers see the chart as one image with a name and find its values in the table below it, because Vega names
  // marks but not groups.
  place(id).querySelector("svg")?.setAttribute("aria-hidden", "true");
  const show = before?.show ?? serveTools(id, () => drawn.get(id).chart, () => drawn.get(id).view);
  drawn.set(id, { view, chart, show, age });
  show();
}

/* Write the caption of a chart and, when the chart cannot be drawn, the sentence in its place. Returns whether it can
   be drawn. `datasets`: name → rows, `days` among them. `words`: column → its name. `said`: the sentences that charts of
   the same section have shown already; a chart whose sentence is among them is hidden. */
export function announce(chart, { datasets, words, said }) {
  const [figure, why] = [place(chart.id).closest("figure"), obstacle(chart, datasets[chart.dataset], words)];
  place(`caption-${chart.id}`).textContent = chart.caption;
  nameTools(chart);
  figure.hidden = !fits(chart, datasets.days) || said.has(why);
  if (why !== "") said.add(why);
  place(chart.id).toggleAttribute("data-empty", why !== "");
  place(`tools-${chart.id}`).hidden = why !== "";
  place(`${chart.id}-empty`).textContent = why;
  return why === "" && !figure.hidden;
}

/* Whether some of an element is in the window and below the bar, which stays at the top of the window and hides what is
   under it. */
export function isInSight(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > document.querySelector(".bar").getBoundingClientRect().bottom && top < innerHeight;
}
