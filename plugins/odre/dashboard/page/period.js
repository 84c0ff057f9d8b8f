// What the reader picks: a period, a day, another period to compare with, a language and hidden series. The address of
// the page holds all of it.

import { daysLater, midnight } from "./days.js";
import { having } from "./statistics.js";
import { t } from "./texts.js";

/* Whether a text is an ISO date of the years 1900 to 2099. While somebody types the year 2021 into a date field, the field
   holds the years 2, 20 and 202, and a period of two thousand years has too many steps to draw. */
export const isDay = (iso) => /^(19|20)\d\d-\d\d-\d\d$/u.test(iso) && daysLater(iso, 0) === iso;

const iso = (instant) => new Date(instant).toISOString().slice(0, 10);

function periodIn(text) {
  const found = text?.split("/") ?? [];
  return found.length === 2 && found.every(isDay) && found[0] <= found[1] ? found : null;
}

/* What a period can be compared with, besides a period that the reader names. */
export const VERSUS = ["none", "previous", "year"];

const isVersus = (text) => VERSUS.includes(text) || periodIn(text) !== null;

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "?";
  }
}

/* What an address picks, such as `#2021-12-01/2021-12-31&day=2021-12-15&versus=year&language=fr&hidden=gas,coal`. `picked`
   has the parts of the address that are valid; `wrong` tells whether some part of it is not valid. */
export function pickedIn(hash, languages) {
  const [first, ...rest] = hash.replace(/^#/u, "").split("&").map(decoded);
  const said = Object.fromEntries(rest.map((pair) => [pair.split("=", 1)[0], pair.slice(pair.indexOf("=") + 1)]));
  const picked = {};
  if (periodIn(first)) picked.period = periodIn(first);
  if (isDay(said.day ?? "")) picked.day = said.day;
  if (isVersus(said.versus)) picked.versus = said.versus;
  if (languages.includes(said.language)) picked.language = said.language;
  if (said.hidden !== undefined) picked.hidden = said.hidden.split(",").filter((key) => /^[a-z_]+$/u.test(key));
  const understood = Number("period" in picked) + Object.keys(said).filter((key) => key in picked).length;
  return { picked, wrong: understood < Number(first !== "") + rest.length };
}

/* The address of what is picked; `pickedIn` reads it. */
export const addressOf = ({ period, day, versus, language, hidden }) =>
  `#${period.join("/")}&day=${day}&versus=${versus}&language=${language}` +
  (hidden.length > 0 ? `&hidden=${hidden.join(",")}` : "");

/* A sentence that says what is wrong with a period; an empty text when the period is valid. */
export function complaint(first, last) {
  if (!isDay(first) || !isDay(last)) return t("period.both");
  return first > last ? t("period.order") : "";
}

/* The period that another one is compared with, or null: the one of the same length before it, the same dates a year
   before, or the one that `versus` names. */
export function comparedWith(versus, [first, last]) {
  if (versus === "previous") return [iso(2 * midnight(first) - midnight(last, 0, 1)), daysLater(first, -1)];
  if (versus === "year") return [iso(midnight(first, -12)), iso(midnight(last, -12))];
  return periodIn(versus);
}

/* The meteorological winter to which a day belongs, or else the last one before it; it ends on that day at the latest.
   */
function winter(day) {
  const [year, month] = [Number(day.slice(0, 4)), Number(day.slice(5, 7))];
  const begin = month === 12 ? year : year - 1;
  const end = iso(Date.UTC(begin + 1, 2, 0));
  return [`${begin}-12-01`, end < day ? end : day];
}

/* The preset periods by the name of their text. They end on the last day on which the mix is observed. `all` has at
   least one day. */
export function presets(all) {
  const mix = all.filter((row) => row.observed_steps > 0);
  const [begin, today] = [all[0].local_date, (mix.at(-1) ?? all.at(-1)).local_date];
  const within = ([first, last]) => [first < begin ? begin : first, last < begin ? begin : last];
  const until = (days) => within([daysLater(today, 1 - days), today]);
  const yesterday = within([daysLater(today, -1), daysLater(today, -1)]);
  return {
    today: [today, today],
    yesterday,
    days_7: until(7),
    days_30: until(30),
    month: within([`${today.slice(0, 7)}-01`, today]),
    year: until(365),
    winter: within(winter(today)),
    everything: [begin, all.at(-1).local_date],
  };
}

/* What the page opens with: the last year and its last day; when there is less than a year of the mix, all its days. */
export function opening(all, language) {
  const mix = having(all, "consumption_mwh");
  const { today, year } = presets(all);
  const period = mix.length > 0 && mix[0].local_date > year[0] ? [mix[0].local_date, today[1]] : year;
  return { period, day: today[1], versus: "year", language, hidden: [] };
}
