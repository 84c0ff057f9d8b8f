// The steps of one local day, from midnight to midnight, for its charts. Positions on the axis are milliseconds:
// midnight UTC of the day's date plus the time that has passed since local midnight. A day of 23 or 25 hours has that
// length on the axis too; `jumpOf` says where its clocks are put forward or back.

import { daysLater, midnight } from "./days.js";
import { ahead, beginning, clock } from "./zone.js";

const MINUTE = 60_000;
const HOUR = 60;

const part = (value, sign) => (value === null ? null : sign * Math.max(0, sign * value));

/* On half-hourly days only forecasts have a value every quarter of an hour. */
const lengthOf = ({ started_at, consumption_mw = [] }) =>
  started_at.some((minute, i) => minute % 30 !== 0 && (consumption_mw[i] ?? null) !== null) ||
  consumption_mw.every((value) => value === null)
    ? 15
    : 30;

/* The flows beside production, MW: into the grid > 0, out of it < 0. */
const flowsOf = (value) => ({
  imports: part(value("physical_exchange_mw"), 1),
  battery_discharging: value("battery_discharging_mw"),
  exports: part(value("physical_exchange_mw"), -1),
  pumping: value("pumping_mw"),
  battery_charging: value("battery_charging_mw"),
});

/* One row per step of the day, MW and g/kWh. An unknown value is null, and a step that the source left out has a row
   too. `day`: columns, as steps.py makes them. `names`: the columns that every row has, even when the day has no value
   of them. `until`: the last observed step of all days; later steps are still to come. */
export function stepsOf(day, iso, { zone, names, until }) {
  const [first, last] = [beginning(iso, zone), beginning(daysLater(iso, 1), zone)];
  const length = lengthOf(day);
  const index = new Map(day.started_at.map((minute, i) => [minute, i]));
  const position = (minute) => midnight(iso) + (minute - first) * MINUTE;
  return Array.from({ length: (last - first) / length }, (_, i) => {
    const minute = first + i * length;
    const value = (name) => day[name]?.[index.get(minute)] ?? null;
    return {
      position: position(minute),
      position_end: position(minute + length),
      clock: clock(minute, zone),
      to_come: minute > until,
      ...Object.fromEntries(names.map((name) => [name, value(name)])),
      ...flowsOf(value),
    };
  });
}

/* The place on a day's axis at which clocks are put forward (`by` > 0) or back, in milliseconds. On other days it lies
   beyond the axis. */
export function jumpOf(iso, zone) {
  const [first, last] = [beginning(iso, zone), beginning(daysLater(iso, 1), zone)];
  const by = ahead(last, zone) - ahead(first, zone);
  if (by === 0) return { at: Number.MAX_SAFE_INTEGER, by };
  const hours = Array.from({ length: (last - first) / HOUR }, (_, i) => first + i * HOUR);
  const at = hours.find((minute) => ahead(minute, zone) !== ahead(first, zone));
  return { at: midnight(iso) + (at - first) * MINUTE, by: by * MINUTE };
}

/* The steps of the day that are observed. */
export const observedIn = (steps) => steps.filter((step) => step.consumption_mw !== null);
