// The values that a chart shows, as a table: those of its longest tooltip, for every mark.

import { cell, number } from "./format.js";

function* tooltips(specification) {
  if (specification === null || typeof specification !== "object") return;
  if (Array.isArray(specification.encoding?.tooltip)) yield specification.encoding.tooltip;
  for (const inside of Object.values(specification)) yield* tooltips(inside);
}

/* The columns of a chart's table: `field`, `title` and d3's `format` of the longest of its tooltips. */
export const columnsOf = (specification) =>
  [...tooltips(specification)]
    .reduce((longest, each) => (each.length > longest.length ? each : longest), [])
    .map(({ field, title, format }) => ({ field, title: title ?? field, format: format ?? null }));

/* A value as d3's format writes it, in the page's language. Only the formats that our charts use are known. */
export function formatted(value, format) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  if (format === null) return number(value, Number.isInteger(value) ? 0 : 2);
  const digits = Number(format.match(/\.(\d)/u)?.[1] ?? 0);
  return format.endsWith("%") ? `${number(100 * value, digits)}\u00A0%` : cell(value, digits);
}

/* The distinct data of the marks that have all of the columns, in the order of drawing. */
export function dataOf(marks, columns) {
  const found = new Map();
  for (const datum of marks) {
    if (columns.every(({ field }) => field in datum)) {
      found.set(JSON.stringify(columns.map(({ field }) => datum[field])), datum);
    }
  }
  return [...found.values()];
}
