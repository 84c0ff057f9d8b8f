// Below every chart: a table of its values, and its values and picture to download.

import { csv } from "../days_table.js";
import { t } from "../texts.js";
import { columnsOf, dataOf, formatted } from "../values.js";
import { fill, tableNodes } from "./nodes.js";

const SCALE = 2;
const MARGIN = 16;

function* marksIn(item) {
  for (const each of item.items ?? []) {
    if (each.datum && item.marktype !== "group") yield each.datum;
    yield* marksIn(each);
  }
}

/* Columns and rows of the values that a chart shows. */
function valuesOf({ specification }, view) {
  const columns = columnsOf(specification);
  return { columns, rows: dataOf(marksIn(view.scenegraph().root), columns) };
}

/* Offer a file for download. */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function showValues(chart, view, table) {
  const { columns, rows } = valuesOf(chart, view);
  const lines = rows.map((row) => columns.map(({ field, format }) => formatted(row[field], format)));
  fill(table, tableNodes(columns.map(({ title }) => title), lines));
}

function saveValues(chart, view) {
  const { columns, rows } = valuesOf(chart, view);
  const named = rows.map((row) => Object.fromEntries(columns.map(({ field, title }) => [title, row[field] ?? null])));
  save(new Blob([csv(named, columns.map(({ title }) => title))], { type: "text/csv" }), `${chart.id}.csv`);
}

/* The chart as a PNG, with its caption above and where it comes from below. */
async function savePicture(chart, view) {
  const picture = await view.toCanvas(SCALE);
  const css = getComputedStyle(document.documentElement);
  const canvas = document.createElement("canvas");
  const [line, margin] = [20 * SCALE, MARGIN * SCALE];
  [canvas.width, canvas.height] = [picture.width + 2 * margin, picture.height + 2 * line + 2 * margin];
  const drawing = canvas.getContext("2d");
  drawing.fillStyle = css.getPropertyValue("--panel");
  drawing.fillRect(0, 0, canvas.width, canvas.height);
  drawing.drawImage(picture, margin, margin + line);
  drawing.fillStyle = css.getPropertyValue("--text");
  drawing.font = `600 ${13 * SCALE}px system-ui, sans-serif`;
  drawing.fillText(chart.caption, margin, margin + line / 2, picture.width);
  drawing.fillStyle = css.getPropertyValue("--muted");
  drawing.font = `${11 * SCALE}px system-ui, sans-serif`;
  drawing.fillText(document.getElementById("sources").textContent, margin, canvas.height - margin / 2, picture.width);
  canvas.toBlob((blob) => save(blob, `${chart.id}.png`));
}

/* Keep the tools below a chart at work: `chartOf` and `viewOf` say what is drawn when they are used. */
export function serveTools(id, chartOf, viewOf) {
  const tools = document.getElementById(`tools-${id}`);
  const [details, table] = [tools.querySelector("details"), tools.querySelector("table")];
  const show = () => details.open && viewOf() && showValues(chartOf(), viewOf(), table);
  details.addEventListener("toggle", show);
  tools.querySelector(".save-values").addEventListener("click", () => saveValues(chartOf(), viewOf()));
  tools.querySelector(".save-picture").addEventListener("click", () => savePicture(chartOf(), viewOf()));
  return show;
}

/* Say what the tools are for, to those who do not see where they stand. */
export function nameTools({ id, caption }) {
  const tools = document.getElementById(`tools-${id}`);
  tools.querySelector("table").setAttribute("aria-label", t("charts.values_of", { caption }));
  tools.querySelector(".scroll").setAttribute("aria-label", t("charts.values_of", { caption }));
}
