// The period that is picked: presets, the address, and what is wrong with one.

import { daysLater } from "./days.js";
import { having } from "./statistics.js";
import { t } from "./texts.js";

const isDay = (iso) => daysLater(iso, 0) === iso;

const periodIn = (text) => {
  const found = text?.match(/^(\d{4}-\d\d-\d\d)\/(\d{4}-\d\d-\d\d)$/u)?.slice(1);
  return found && found[0] <= found[1] && found.every(isDay) ? found : null;
};

/* What an address picks, `#2021-12-01/2021-12-31&language=fr`: `period` and `language`, each null where the address
   holds none that makes sense. */
export function pickedIn(hash, languages) {
  const [first, ...rest] = hash.replace(/^#/u, "").split("&");
  const named = Object.fromEntries(rest.map((pair) => pair.split("=").map(decodeURIComponent)));
  return { period: periodIn(first), language: languages.includes(named.language) ? named.language : null };
}

/* The address of what is picked; `pickedIn` reads it. */
export const addressOf = ({ period, language }) => `#${period.join("/")}&language=${language}`;

/* What is wrong with a period, in a sentence; an empty text when nothing is. */
export function complaint(first, last) {
  if (!first || !last) return t("period.both");
  return first > last ? t("period.order") : "";
}

/* Periods by the id of their button, and `opening`, the one a page opens with. Presets end on the last day with an
   electricity mix, which the other datasets may lag behind. `all` holds at least one day. */
export function presets(all) {
  const mix = having(all, "consumption_mwh");
  const [begin, end] = [(mix[0] ?? all[0]).local_date, (mix.at(-1) ?? all.at(-1)).local_date];
  const until = (days) => {
    const first = daysLater(end, 1 - days);
    return [first < all[0].local_date ? all[0].local_date : first, end];
  };
  return {
    "last-30": until(30),
    "last-365": until(365),
    everything: [all[0].local_date, all.at(-1).local_date],
    opening: mix.length > 400 ? until(365) : [begin, end],
  };
}
