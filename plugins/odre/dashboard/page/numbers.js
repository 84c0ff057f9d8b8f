"use strict";
/* Numbers, words and statistics. A day's row has the columns of the mart `dashboard_daily`; null is unknown.
   The page's three scripts are joined in the order numbers, findings, page. */

const page = JSON.parse(document.getElementById("data").textContent);
const { sources, borders, seasons } = page;
const DAY = 86400000;

// ---------------------------------------------------------------- words
const number = (value, digits = 0) => {
  if (value === null || !Number.isFinite(value)) return "unknown";
  const text = value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return /^-[0.]+$/.test(text) ? text.slice(1) : text;
};
const percent = (value, digits = 1) => (value === null ? "unknown" : `${number(100 * value, digits)} %`);
const signed = (value, digits) => (value === null ? "unknown" : (value > 0 ? "+" : "") + number(value, digits));
const counted = (n, thing) => `${number(n)} ${thing}${n === 1 ? "" : "s"}`;
const written = (parts) => (iso) => new Date(`${iso}T00:00Z`).toLocaleDateString("en-GB", { ...parts, timeZone: "UTC" });
const day = written({ day: "numeric", month: "long", year: "numeric" });
const month = written({ month: "long", year: "numeric" });
const listed = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);
const strength = (r) => {
  const size = Math.abs(r);
  const word = size < 0.2 ? "hardly related" : size < 0.5 ? "weakly related" : size < 0.8 ? "related" : "closely related";
  return size < 0.2 ? word : `${word}, ${r < 0 ? "in opposite directions" : "in the same direction"}`;
};
const capital = (text) => text[0].toUpperCase() + text.slice(1);
const span = (rows) =>
  rows.length === 1 ? day(rows[0].local_date) : `${day(rows[0].local_date)} to ${day(rows.at(-1).local_date)}`;

/* What the period lacks: how many of its days have no value of a column. */
function missing(rows, ...wanted) {
  return wanted
    .map((column) => [rows.length - known(rows, column).length, page.words[column]])
    .filter(([n]) => n)
    .map(([n, what]) => ` ${counted(n, "day")} of the period ${n === 1 ? "has" : "have"} no ${what}.`)
    .join("");
}

// ---------------------------------------------------------------- sums over days
const known = (rows, column) => rows.map((row) => row[column]).filter((value) => value !== null);
const with_ = (rows, ...wanted) => rows.filter((row) => wanted.every((column) => row[column] !== null));
const sum = (rows, column) => {
  const values = known(rows, column);
  return values.length ? values.reduce((a, b) => a + b, 0) : null;
};
const ratio = (a, b) => (a === null || !b ? null : a / b);
const mean = (rows, column) => ratio(sum(rows, column), known(rows, column).length);
const highest = (rows, column) => with_(rows, column).reduce((a, b) => (a && a[column] >= b[column] ? a : b), null);
const power = (column) => (row) => ratio(row[column], row.hours_in_day);
const of = (column) => (row) => row[column];
const net_export = (row) => (row.net_commercial_import_mwh === null ? null : -row.net_commercial_import_mwh);

/* Pearson's r and the least-squares slope of y over x, over days on which both are known; null as in the
   marts: over too few days, or when a side does not vary. */
function related(rows, x, y) {
  const pairs = rows.map((row) => [x(row), y(row)]).filter(([a, b]) => a !== null && b !== null);
  const n = pairs.length;
  if (n < page.minimum_days) return { days: n, r: null, slope: null };
  const [mx, my] = [0, 1].map((i) => pairs.reduce((a, pair) => a + pair[i], 0) / n);
  let [xx, yy, xy] = [0, 0, 0];
  for (const [a, b] of pairs) {
    xx += (a - mx) ** 2;
    yy += (b - my) ** 2;
    xy += (a - mx) * (b - my);
  }
  const varies = Math.min(xx / (1 + mx * mx), yy / (1 + my * my)) > 1e-20 * n;
  return varies ? { days: n, r: xy / Math.sqrt(xx * yy), slope: xy / xx } : { days: n, r: null, slope: null };
}

// ---------------------------------------------------------------- the days
const columns = Object.keys(page.days);
const midnight = (iso, months = 0, days = 0) => {
  const [y, m, d] = iso.split("-").map(Number);
  return new Date(y, m - 1 + months, d + days).getTime();
};
const all = page.days.local_date.map((iso, i) => {
  const row = Object.fromEntries(columns.map((name) => [name, page.days[name][i]]));
  row.day_name = day(iso);
  row.mean_consumption_mw = power("consumption_mwh")(row);
  const years = row.season === "winter" ? `${row.season_year - 1}–${String(row.season_year).slice(2)}` : row.season_year;
  row.season_of_year = `${row.season} ${years}`;
  row.season_start = 4 * row.season_year + seasons.indexOf(row.season);
  return row;
});
const withMix = with_(all, "consumption_mwh");

/* The rows as charts draw them over time: by day, or by month when days would be thinner than a pixel. */
function bucketed(rows) {
  const months = rows.length > page.daily_charts_up_to;
  return rows.map((row) => {
    const start = months ? `${row.local_date.slice(0, 7)}-01` : row.local_date;
    return {
      ...row,
      bucket: midnight(start),
      bucket_end: midnight(start, months ? 1 : 0, months ? 0 : 1),
      bucket_name: months ? month(start) : row.day_name,
    };
  });
}
