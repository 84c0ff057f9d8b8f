// The balance of a period: energies that flowed into the grid and out of it, and a residual with which they add up.

import { daysFrom } from "./days.js";
import { having, ratio, totals } from "./statistics.js";

const BATTERIES = ["battery_discharging_mwh", "battery_charging_mwh"];

/* Terms of the balance after production: name of the text → its columns, MWh, into the grid > 0. */
const STORED = { "mix.pumping": ["pumping_mwh"], "mix.batteries": BATTERIES, "mix.exchange": ["net_physical_import_mwh"] };

const balances = new WeakMap();

/* The balance of the days on which production, exchange, pumping and consumption are all known. It has the number of
   `days` and of `hours`, and energies in MWh: of the `sources`, of `production`, of the flows `stored` or exchanged (by
   the key of their text), of `consumption`, and the `residual`, which is consumption minus production and flows. The
   balance is kept with the rows, because table and chart show the same one. */
export function balanceOf(rows, sources) {
  if (balances.get(rows)?.sources !== sources) balances.set(rows, { sources, balance: addedUp(rows, sources) });
  return balances.get(rows).balance;
}

function addedUp(rows, sources) {
  const days = having(rows, "production_mwh", "consumption_mwh", "net_physical_import_mwh", "pumping_mwh");
  const named = ["production_mwh", "consumption_mwh", "hours_in_day", ...Object.values(STORED).flat()];
  const found = totals(days, [...named, ...sources.map(({ column }) => column)]);
  const of = (...columns) => columns.reduce((total, column) => total + (found[column].sum ?? 0), 0);
  const [production, consumption] = [of("production_mwh"), of("consumption_mwh")];
  const stored = Object.fromEntries(Object.entries(STORED).map(([key, columns]) => [key, of(...columns)]));
  const supplied = Object.values(stored).reduce((a, b) => a + b, production);
  return {
    days: days.length,
    hours: of("hours_in_day"),
    sources: Object.fromEntries(sources.map(({ column }) => [column, of(column)])),
    production,
    stored,
    consumption,
    residual: consumption - supplied,
  };
}

// Two periods are compared when at least this part of the days of each is known, because a week of winter cannot stand
// for a year.
const KNOWN = 0.9;

/* Whether enough of a period's days are in its balance for its mean to be compared. */
export const isComparable = (balance, period) => balance.days > 0 && balance.days >= KNOWN * daysFrom(...period);

/* The lines of a balance in order: `key` of the text or `name`, and energy in MWh. */
export const linesOf = (balance, sources) => [
  ...sources.map(({ name, column, color }) => ({ name, color, mwh: balance.sources[column] })),
  { key: "mix.production", mwh: balance.production, total: true },
  ...Object.entries(balance.stored).map(([key, mwh]) => ({ key, mwh })),
  { key: "mix.residual", mwh: balance.residual },
  { key: "mix.consumption", mwh: balance.consumption, total: true },
];

/* Mean power in GW of an energy of the balance. */
export const meanOf = (mwh, { hours }) => ratio(ratio(mwh, hours), 1e3);
