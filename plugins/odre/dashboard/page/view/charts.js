// Draws the charts with Vega.

import { fits, obstacle, rowsFor } from "../charts.js";
import { chartLocale } from "../format.js";

const ROW = 20;
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

async function drawOne({ id, specification, dataset, row_field, renderer }, place, rows, options, afresh) {
  if (views[id] && !afresh) {
    views[id].data(dataset, rows);
  } else {
    views[id]?.finalize();
    views[id] = (await window.vegaEmbed(place, { ...specification, datasets: { [dataset]: rows } }, { ...options, renderer })).view;
  }
  if (row_field) views[id].height(ROW * new Set(rows.map((row) => row[row_field])).size);
  await views[id].runAsync();
}

/* Draw every chart. `datasets`: name → rows, `days` among them. `afresh` also takes up language and colours anew. */
export async function drawCharts(charts, datasets, words, afresh = false) {
  const options = {
    config: style(),
    actions: { export: true, source: false, compiled: false, editor: false },
    ...chartLocale(),
  };
  for (const chart of charts) {
    const [place, rows] = [document.getElementById(chart.id), datasets[chart.dataset]];
    const why = obstacle(chart, rows, words);
    document.getElementById(`caption-${chart.id}`).textContent = chart.caption;
    place.parentElement.hidden = !fits(chart, datasets.days);
    place.toggleAttribute("data-empty", why !== "");
    document.getElementById(`${chart.id}-empty`).textContent = why;
    if (why || place.parentElement.hidden || place.closest("section").hidden) continue;
    await drawOne(chart, place, rowsFor(chart.specification, rows), options, afresh);
  }
}
