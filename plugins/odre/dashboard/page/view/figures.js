// The tools below every chart: a table of its values, and downloads of its values and its picture.

import { csv } from "../days_table.js";
import { tableNodes } from "../nodes.js";
import { t } from "../texts.js";
import { columnsOf, dataOf, formatted } from "../values.js";
import { fill } from "./nodes.js";

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

/* A text broken into lines that are no wider than `width` in the font of `drawing`. */
function linesOf(drawing, text, width) {
  const lines = [""];
  for (const word of text.split(/\s+/u)) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (lines.at(-1) === "" || drawing.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

const tall = ({ lines, height }) => lines.length * height;

/* The chart as a PNG, with its caption above it and its origin below it. */
async function savePicture(chart, view) {
  const picture = await view.toCanvas(SCALE);
  const css = getComputedStyle(document.documentElement);
  const canvas = document.createElement("canvas");
  const drawing = canvas.getContext("2d");
  const margin = MARGIN * SCALE;
  const place = (text, style, weight, size) => {
    drawing.font = `${weight} ${size * SCALE}px system-ui, sans-serif`;
    const lines = linesOf(drawing, text, picture.width);
    return { lines, style, font: drawing.font, height: 1.4 * size * SCALE };
  };
  const above = place(chart.caption, "--text", 600, 13);
  const below = place(document.getElementById("sources").textContent.trim(), "--muted", 400, 11);
  [canvas.width, canvas.height] = [picture.width + 2 * margin, picture.height + tall(above) + tall(below) + 4 * margin];
  const write = ({ lines, style, font, height }, top) => {
    [drawing.fillStyle, drawing.font, drawing.textBaseline] = [css.getPropertyValue(style), font, "top"];
    for (const [i, line] of lines.entries()) drawing.fillText(line, margin, top + i * height);
  };
  drawing.fillStyle = css.getPropertyValue("--panel");
  drawing.fillRect(0, 0, canvas.width, canvas.height);
  write(above, margin);
  drawing.drawImage(picture, margin, tall(above) + 2 * margin);
  write(below, tall(above) + picture.height + 3 * margin);
  canvas.toBlob((blob) => save(blob, `${chart.id}.png`));
}

/* Connect the tools below the charts: `chartOf` and `viewOf` return the chart and its view at the moment of use. */
export function serveTools(id, chartOf, viewOf) {
  const tools = document.getElementById(`tools-${id}`);
  const [details, table] = [tools.querySelector("details"), tools.querySelector("table")];
  const show = () => details.open && viewOf() && showValues(chartOf(), viewOf(), table);
  details.addEventListener("toggle", show);
  tools.querySelector(".save-values").addEventListener("click", () => saveValues(chartOf(), viewOf()));
  tools.querySelector(".save-picture").addEventListener("click", () => savePicture(chartOf(), viewOf()));
  return show;
}

/* Label the tools with the chart they belong to, for readers who do not see their place. */
export function nameTools({ id, caption }) {
  const tools = document.getElementById(`tools-${id}`);
  tools.querySelector("table").setAttribute("aria-label", t("charts.values_of", { caption }));
  tools.querySelector(".scroll").setAttribute("aria-label", t("charts.values_of", { caption }));
}
