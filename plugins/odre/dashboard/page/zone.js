// Local time of France, from the time zones that every browser knows.

const MINUTE = 60_000;
const formats = new Map();

function format(zone) {
  if (!formats.has(zone)) {
    const numeric = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" };
    formats.set(zone, new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...numeric }));
  }
  return formats.get(zone);
}

/* How many minutes the clocks of a zone are ahead of UTC at an instant, which is in minutes since 1970. */
export function ahead(minute, zone) {
  const parts = Object.fromEntries(format(zone).formatToParts(minute * MINUTE).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute) / MINUTE - minute;
}

/* The instant at which a local day begins, in minutes since 1970. */
export function beginning(iso, zone) {
  const wall = Date.parse(`${iso}T00:00Z`) / MINUTE;
  return wall - ahead(wall - ahead(wall, zone), zone);
}

/* `14:15` at an instant. */
export function clock(minute, zone) {
  const local = minute + ahead(minute, zone);
  return new Date(local * MINUTE).toISOString().slice(11, 16);
}
