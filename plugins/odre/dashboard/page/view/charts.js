// Draws the charts with Vega: those in sight at once, the others while nothing else is to be done.

import { fits, obstacle, rowsFor } from "../charts.js";
import { chartLocale } from "../format.js";
import { nameTools, serveTools } from "./figures.js";

// Vega's level of errors only.
const ERRORS = 1;
const drawn = new Map();

function style(css) {
  const [text, muted, grid] = ["--text", "--muted", "--line"].map((name) => css.getPropertyValue(name).trim());
  const font = { labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" };
  return {
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
  // Vega warns of every layer that has no row; a page without data has many.
  logLevel: ERRORS,
  ...chartLocale(),
});

const paramsIn = ({ params = [], layer = [] }) => [...params, ...layer.flatMap(paramsIn)].map(({ name }) => name);

const place = (id) => document.getElementById(id);

async function drawOne(chart, rows, signals, afresh) {
  const { id, specification, dataset, renderer } = chart;
  const before = drawn.get(id);
  const given = rowsFor(specification, rows);
  const css = getComputedStyle(document.documentElement);
  let view = before?.view;
  if (!view || afresh) {
    view?.finalize();
    ({ view } = await window.vegaEmbed(place(id), { ...specification, datasets: { [dataset]: given } }, { ...options(css), renderer }));
  } else {
    view.data(dataset, given);
  }
  const known = paramsIn(specification);
  const all = { ink: css.getPropertyValue("--text").trim(), ...signals };
  for (const [name, value] of Object.entries(all)) if (known.includes(name)) view.signal(name, value);
  await view.runAsync();
  // The chart's place is an image with a name, and the table below it has its values; Vega names marks but not groups.
  place(id).querySelector("svg")?.setAttribute("aria-hidden", "true");
  const show = before?.show ?? serveTools(id, () => drawn.get(id).chart, () => drawn.get(id).view);
  drawn.set(id, { view, chart, show });
  show();
}

/* Caption, and what is said instead of a chart that cannot be drawn. Returns whether it is to be drawn. */
function announce(chart, { datasets, words }) {
  const [figure, why] = [place(chart.id).closest("figure"), obstacle(chart, datasets[chart.dataset], words)];
  place(`caption-${chart.id}`).textContent = chart.caption;
  nameTools(chart);
  figure.hidden = !fits(chart, datasets.days);
  place(chart.id).toggleAttribute("data-empty", why !== "");
  place(`tools-${chart.id}`).hidden = why !== "";
  place(`${chart.id}-empty`).textContent = why;
  return why === "" && !figure.hidden && !figure.closest("section").hidden;
}

const inSight = ({ id }) => {
  const { top, bottom } = place(id).closest("figure").getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
};

const idle = () => new Promise((resolve) => {
  requestIdleCallback(resolve, { timeout: 200 });
});

/* Draw every chart. `given`: `datasets`, name → rows, `days` among them; `words`, column → its name; and `signals`, the
   id of a chart → values of its parameters. `afresh` also takes up language and colours anew. `isCurrent` says whether
   what is drawn is still wanted; `seen` is called when all charts in sight are there. */
export async function drawCharts(charts, given, { afresh, isCurrent, seen }) {
  const wanted = charts.filter((chart) => announce(chart, given));
  const first = wanted.filter(inSight);
  const one = (chart) => drawOne(chart, given.datasets[chart.dataset], given.signals[chart.id] ?? {}, afresh || drawn.get(chart.id)?.stale);
  for (const chart of wanted) if (afresh && drawn.has(chart.id)) drawn.get(chart.id).stale = true;
  for (const chart of first) if (isCurrent()) await one(chart);
  if (isCurrent()) seen();
  for (const chart of wanted.filter((each) => !first.includes(each))) {
    await idle();
    if (!isCurrent()) return;
    await one(chart);
  }
}
