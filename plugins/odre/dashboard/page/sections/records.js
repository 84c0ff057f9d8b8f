import { daysLater, midnight } from "../days.js";
import { day, number, rounded } from "../format.js";
import { having, known } from "../statistics.js";
import { named, t } from "../texts.js";

// Measures whose highest steps are listed; a measure that is not in the data is left out.
const STEPS = ["consumption", "nuclear", "wind", "solar", "hydro", "gas"];
const LISTED = 10;
const YEAR = 365;
// Number of points of a curve; the distance of more points would be less than a pixel.
const POINTS = 200;
// A year is compared with another one when at least this part of its days is known, because a winter alone would look like
// a year of high demand.
const KNOWN = 0.9;

const celsius = (value) => `${number(value, 1)}\u00A0°C`;

/* Lists of ten days: the column of `dashboard_daily` that ranks them, the direction, and how a value is written. */
const DAYS = [
  { key: "records.sold", column: "net_commercial_import_mwh", sign: -1, written: (v) => `${number(-v / 1000, 1)}\u00A0GWh` },
  { key: "records.bought", column: "net_commercial_import_mwh", sign: 1, written: (v) => `${number(v / 1000, 1)}\u00A0GWh` },
  { key: "records.withdrawn", column: "net_withdrawal_gwh", sign: 1, written: (v) => `${number(v)}\u00A0GWh` },
  { key: "records.co2", column: "co2_g_per_kwh", sign: 1, written: (v) => `${number(v, 1)}\u00A0g/kWh` },
  { key: "records.coldest", column: "mean_celsius", sign: -1, written: celsius },
  { key: "records.hottest", column: "mean_celsius", sign: 1, written: celsius },
];

const label = (measure) => (measure === "consumption" ? t("seasons.consumption") : named(measure));

const steps = ({ marts }) =>
  STEPS.map((measure) => ({
    measure,
    places: marts.records
      .filter((row) => row.measure === measure && row.record === "highest step")
      .toSorted((a, b) => a.place - b.place),
  })).filter(({ places }) => places.length > 0);

/* The ten days with the highest values of a column, or the lowest (`sign` −1); of equal days the earlier one comes
   first. Days whose value has the other sign, such as a day of buying in the list of selling, are left out, except for
   temperatures. */
export function topDays(all, { column, sign }) {
  const meant = column === "mean_celsius" ? () => true : (row) => sign * row[column] > 0;
  return having(all, column)
    .filter(meant)
    .toSorted((a, b) => sign * (b[column] - a[column]) || a.local_date.localeCompare(b.local_date))
    .slice(0, LISTED);
}

/* The records themselves, in a sentence. */
export function finding(_, context) {
  const found = steps(context);
  if (found.length === 0) return t("records.none");
  return found
    .map(({ measure, places: [first] }) =>
      t("records.first", { measure: label(measure), value: `${rounded(first.value_mw)}\u00A0MW`, day: day(first.local_date) }),
    )
    .join(" ");
}

const list = (title, first, lines) => [
  "details",
  { class: "record" },
  ["summary", {}, ["span", {}, title], ["strong", {}, first]],
  ["ol", {}, ...lines.map((text) => ["li", {}, text])],
];

const line = (value, iso) => t("records.line", { value, day: day(iso) });

/* The top ten of every kind of record, each list to be unfolded. */
export function content(_, context) {
  const power = steps(context).map(({ measure, places }) =>
    list(
      t("records.highest", { measure: label(measure) }),
      `${number(places[0].value_mw)}\u00A0MW`,
      places.map((row) => line(`${number(row.value_mw)}\u00A0MW`, row.local_date)),
    ),
  );
  const days = DAYS.map((wanted) => [wanted, topDays(context.all, wanted)])
    .filter(([, rows]) => rows.length > 0)
    .map(([{ key, column, written }, rows]) =>
      list(t(key), written(rows[0][column]), rows.map((row) => line(written(row[column]), row.local_date))),
    );
  return power.length + days.length > 0 ? [["h3", {}, t("records.ten")], ["div", { class: "records" }, ...power, ...days]] : [];
}

const COLUMNS = Array.from({ length: 24 }, (_, hour) => `consumption_hour_${String(hour).padStart(2, "0")}_mw`);

/* The hours of some days as points of a curve: a power, GW, and the part of the hours with this power or more. */
export function durationCurve(days) {
  const values = COLUMNS.flatMap((column) => known(days, column)).toSorted((a, b) => b - a);
  const length = Math.min(POINTS, values.length);
  const drawn = Array.from({ length }, (_, i) => (length === 1 ? 0 : Math.round((i * (values.length - 1)) / (length - 1))));
  return drawn.map((i) => ({ part: (i + 1) / values.length, gw: values[i] / 1000 }));
}

/* What the charts draw, from the last two years of the mix. */
export function datasets(_, context) {
  const { hours, average_days } = context.marts;
  const last = hours.at(-1)?.local_date;
  const from = last ? daysLater(last, 1 - YEAR) : "";
  const [recent, before] = [hours.filter((row) => row.local_date >= from), hours.filter((row) => row.local_date < from)];
  const isYear = (days) => known(days, COLUMNS[0]).length >= KNOWN * YEAR;
  const curves = [["records.last_year", recent], ...(isYear(recent) && isYear(before) ? [["records.year_before", before]] : [])];
  const produced = (row) => context.sources.reduce((a, { column }) => a + (row[column.slice(0, -1)] ?? 0), 0);
  const most = Math.max(0, ...average_days.map((row) => Math.max(row.consumption_mw, produced(row)) / 1000));
  return {
    duration: curves.flatMap(([key, days]) => durationCurve(days).map((point) => ({ ...point, year: t(key) }))),
    hours_of_days: recent.flatMap((row) =>
      COLUMNS.map((column, hour) => ({
        bucket: midnight(row.local_date),
        bucket_end: midnight(row.local_date, 0, 1),
        day_name: day(row.local_date),
        hour,
        hour_end: hour + 1,
        gw: row[column] === null ? null : row[column] / 1000,
      })).filter(({ gw }) => gw !== null),
    ),
    average_days: average_days.flatMap((row) => {
      const present = Object.fromEntries(context.seasons.map((season) => [season, row.season === season ? 1 : null]));
      const shared = { ...present, season: row.season, hour: row.hour, days: row.days, most };
      return [
        { ...shared, source: t("seasons.consumption"), rank: -1, gw: row.consumption_mw / 1000 },
        ...context.sources.map(({ name, column }, rank) => {
          const mw = row[column.slice(0, -1)] ?? null;
          return { ...shared, source: name, rank, gw: mw === null ? null : mw / 1000 };
        }),
      ];
    }),
  };
}
