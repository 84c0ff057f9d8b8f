// Writes numbers, dates and lists in the page's language. An unknown value is null.

import { locale, t } from "./texts.js";

const DAY = { day: "numeric", month: "long", year: "numeric" };
const MONTH = { month: "long", year: "numeric" };

const formats = new Map();

/* Formats are kept, because making one takes longer than using it a hundred times. */
function kept(key, make) {
  const name = `${locale()}/${key}`;
  if (!formats.has(name)) formats.set(name, make(locale()));
  return formats.get(name);
}

const decimals = (digits) =>
  kept(digits, (tag) => new Intl.NumberFormat(tag, { minimumFractionDigits: digits, maximumFractionDigits: digits }));

/* `1,234.5`; a value that rounds to zero has no sign. */
export function number(value, digits = 0) {
  if (value === null || !Number.isFinite(value)) return t("words.unknown");
  const text = decimals(digits).format(value);
  return /^-[0.,]+$/u.test(text) ? text.slice(1) : text.replace("-", "−");
}

/* A number of a sentence or a tile, to three significant digits, because revisions of the source change the fourth. */
export function rounded(value) {
  if (value === null || !Number.isFinite(value)) return t("words.unknown");
  const options = { minimumSignificantDigits: 3, maximumSignificantDigits: 3 };
  const text = kept("rounded", (tag) => new Intl.NumberFormat(tag, options)).format(value);
  return value === 0 ? number(0) : text.replace("-", "−");
}

/* A number of a table cell: a dash stands for an unknown one. */
export const cell = (value, digits = 0) => (value === null ? "–" : number(value, digits));

/* A share between 0 and 1, as `12.3 %`, with a space that does not break. */
export const percent = (value, digits = 1) => (value === null ? t("words.unknown") : `${number(100 * value, digits)}\u00A0%`);

/* A number with its sign, `+1.2` or `−1.2`. */
export function signed(value, digits = 0) {
  if (value === null) return t("words.unknown");
  const text = number(value, digits);
  return value > 0 && /[1-9]/u.test(text) ? `+${text}` : text;
}

/* An energy in MWh, as TWh from a tenth of a TWh on, otherwise as GWh. */
export const energy = (mwh) =>
  mwh !== null && Math.abs(mwh) < 1e5 ? `${rounded(mwh / 1e3)}\u00A0GWh` : `${rounded(mwh === null ? null : mwh / 1e6)}\u00A0TWh`;

/* `1 day`, `2 days`: the text `words.<thing>` counted. */
export const counted = (n, thing) => t(`words.${thing}`, { n });

/* French writes the first day of a month as an ordinal number: `1er`. */
const ordinal = (text) => (locale() === "fr-FR" ? text.replace(/(^| )1 /u, "$11er ") : text);

const written = (iso, parts) =>
  ordinal(
    kept(JSON.stringify(parts), (tag) => new Intl.DateTimeFormat(tag, { ...parts, timeZone: "UTC" })).format(Date.parse(iso)),
  );

/* `1 December 2021` of the ISO date `2021-12-01`. */
export const day = (iso) => written(iso, DAY);

/* `Wednesday 1 December 2021` of an ISO date. */
export const weekday = (iso) => written(iso, { weekday: "long", ...DAY });

/* `Wed, 1 Dec 2021` of an ISO date. */
export const shortDay = (iso) => written(iso, { weekday: "short", day: "numeric", month: "short", year: "numeric" });

/* `December 2021` of an ISO date. */
export const month = (iso) => written(iso, MONTH);

/* `1 December 2021 to 31 December 2021`, or the one day. */
export const span = (first, last) => (first === last ? day(first) : t("words.span", { first: day(first), last: day(last) }));

/* `a, b and c`. */
export const listed = (words) =>
  words.length < 2 ? words.join("") : t("words.listed", { most: words.slice(0, -1).join(", "), last: words.at(-1) });

export const capital = (text) => text[0].toUpperCase() + text.slice(1);

/* The names of `count` dates in the page's language; `at(i)` is the instant of the i-th one. */
const names = (count, at, options) =>
  Array.from({ length: count }, (_, i) => new Date(at(i)).toLocaleDateString(locale(), { ...options, timeZone: "UTC" }));

const months = (length) => names(12, (i) => Date.UTC(2021, i, 1), { month: length });

// 1 August 2021 is a Sunday, the first day of d3's week.
const days = (length) => names(7, (i) => Date.UTC(2021, 7, 1 + i), { weekday: length });

/* The way charts write numbers and dates, as vega-embed takes it: d3's `formatLocale` and `timeFormatLocale`. */
export function chartLocale() {
  const parts = new Intl.NumberFormat(locale()).formatToParts(1234567.5);
  const part = (type) => parts.find((one) => one.type === type).value;
  return {
    formatLocale: {
      decimal: part("decimal"), thousands: part("group"), grouping: [3],
      currency: ["", "\u00A0€"], percent: "\u00A0%", minus: "−",
    },
    timeFormatLocale: {
      dateTime: "%-d %B %Y, %H:%M", date: "%-d %B %Y", time: "%H:%M", periods: ["am", "pm"],
      days: days("long"), shortDays: days("short"), months: months("long"), shortMonths: months("short"),
    },
  };
}
