// The bar in which the reader picks periods, a day and a comparison.

import { weekday } from "../format.js";
import { addressOf, comparedWith, complaint, isDay, presets, VERSUS } from "../period.js";
import { t } from "../texts.js";
import { fill } from "./nodes.js";

const at = (id) => document.getElementById(id);

const NARROW = "(max-width: 48rem)";

function same(one, other) {
  return one[0] === other[0] && one[1] === other[1];
}

let chosen = "";

/* Mark the preset that is the picked period. Of several such presets, it is the one that the reader chose last, or else
   the first. */
function markPreset() {
  const chips = [...at("presets").children];
  for (const chip of chips) chip.removeAttribute("aria-current");
  const fitting = chips.filter((chip) => "fits" in chip.dataset);
  (fitting.find(({ id }) => id === chosen) ?? fitting[0])?.setAttribute("aria-current", "true");
}

/* Show in the bar what is picked. */
export function showPicked(picked, all) {
  const { period, day, versus } = picked;
  const chips = Object.entries(presets(all)).map(([name, [first, last]]) => [
    "a",
    {
      class: "chip", id: `preset-${name}`,
      href: addressOf({ ...picked, period: [first, last], day: name === "everything" ? day : last }),
      ...(same(period, [first, last]) ? { "data-fits": "" } : {}),
    },
    t(`period.${name}`),
  ]);
  fill(at("presets"), chips);
  markPreset();
  [at("from").value, at("to").value, at("day-picked").value] = [...period, day];
  const own = !VERSUS.includes(versus);
  at("versus").value = own ? "own" : versus;
  for (const label of document.querySelectorAll(".own")) label.hidden = !own;
  if (own) [at("versus-from").value, at("versus-to").value] = versus.split("/");
  at("picked").textContent = weekday(day);
}

/* Call `pick` with every change that the reader makes in the bar. `now` returns what is picked at the moment. */
export function serveControls(now, pick, [first, last]) {
  const note = (text) => {
    at("period-note").textContent = text;
    return text === "";
  };
  at("presets").addEventListener("click", ({ target }) => {
    chosen = target.id;
    markPreset();
  });
  for (const id of ["from", "to", "day-picked"]) [at(id).min, at(id).max] = [first, last];
  for (const id of ["from", "to"]) {
    at(id).addEventListener("change", () => {
      const period = [at("from").value, at("to").value];
      if (note(complaint(...period))) pick({ period });
    });
  }
  at("day-picked").addEventListener("change", () => {
    if (isDay(at("day-picked").value)) pick({ day: at("day-picked").value });
  });
  at("versus").addEventListener("change", () => {
    const { value } = at("versus");
    pick({ versus: value === "own" ? (comparedWith("year", now().period) ?? now().period).join("/") : value });
  });
  for (const id of ["versus-from", "versus-to"]) {
    at(id).addEventListener("change", () => {
      const period = [at("versus-from").value, at("versus-to").value];
      if (note(complaint(...period))) pick({ versus: period.join("/") });
    });
  }
  if (matchMedia(NARROW).matches) at("dates").open = false;
  return note;
}
