// Numbers, dates and lists in words, as British English writes them. An unknown value is null.

const DAY = { day: "numeric", month: "long", year: "numeric" };
const MONTH = { month: "long", year: "numeric" };

/* `1,234.5`; a value that rounds to zero has no sign. */
export function number(value, digits = 0) {
  if (value === null || !Number.isFinite(value)) return "unknown";
  const text = value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return /^-[0.]+$/u.test(text) ? text.slice(1) : text;
}

/* A number of a table cell: a dash stands for an unknown one. */
export const cell = (value, digits = 0) => (value === null ? "–" : number(value, digits));

/* A share between 0 and 1, as `12.3 %`. */
export const percent = (value, digits = 1) => (value === null ? "unknown" : `${number(100 * value, digits)} %`);

/* A number with its sign, `+1.2` or `-1.2`. */
export const signed = (value, digits = 0) => (value === null ? "unknown" : (value > 0 ? "+" : "") + number(value, digits));

/* An energy in MWh, as TWh from a tenth of a TWh on, otherwise as GWh. */
export const energy = (mwh) =>
  mwh !== null && Math.abs(mwh) < 1e5 ? `${number(mwh / 1e3, 1)} GWh` : `${number(mwh === null ? null : mwh / 1e6, 3)} TWh`;

/* `1 day`, `2 days`. */
export const counted = (n, thing) => `${number(n)} ${thing}${n === 1 ? "" : "s"}`;

const written = (iso, parts) => new Date(`${iso}T00:00Z`).toLocaleDateString("en-GB", { ...parts, timeZone: "UTC" });

/* `1 December 2021` of the ISO date `2021-12-01`. */
export const day = (iso) => written(iso, DAY);

/* `December 2021` of an ISO date. */
export const month = (iso) => written(iso, MONTH);

/* `1 December 2021 to 31 December 2021`, or the one day. */
export const span = (first, last) => (first === last ? day(first) : `${day(first)} to ${day(last)}`);

/* `a, b and c`. */
export const listed = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);

export const capital = (text) => text[0].toUpperCase() + text.slice(1);
