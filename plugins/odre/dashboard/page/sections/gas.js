import { daysFrom, daysLater, midnight, winterYears } from "../days.js";
import { day, month, percent, rounded, signed } from "../format.js";
import { missing } from "../sentences.js";
import { having, of } from "../statistics.js";
import { t } from "../texts.js";

const twh = (gwh) => `${rounded(gwh / 1000)}\u00A0TWh`;
// Over more days than this, a line has one point a week: a week is still narrower than a pixel.
const WEEKLY_BEYOND = 800;
// Sites are drawn over at least this many days, because a single month shows no development.
const SITES_LEAST = 400;
// The fill level is against the greatest stock of this many days, as in int_gas_storage_daily.
const FIVE_YEARS = 1826;

/* The winter to which a day belongs, named after the year of its March. It reaches from October to September, so that
   every day has one. */
const winterOf = (iso) => Number(iso.slice(0, 4)) + (Number(iso.slice(5, 7)) >= 10 ? 1 : 0);

/* The gas that has left the storages in each winter since 31 October, TWh: a Map from the year of its March to a row
   for every day up to 31 March on which the stock is known. A winter whose stock on 31 October is unknown is left out.
   */
export function winters(all) {
  const stock = new Map(having(all, "stock_gwh").map((row) => [row.local_date, row.stock_gwh]));
  const years = [...stock.keys()].filter((iso) => iso.endsWith("-10-31")).map((iso) => Number(iso.slice(0, 4)) + 1);
  const found = years.map((year) => {
    const start = `${year - 1}-10-31`;
    const days = Array.from({ length: daysFrom(start, `${year}-03-31`) }, (_, i) => daysLater(start, i));
    return [
      year,
      days
        .filter((iso) => stock.has(iso))
        .map((iso) => ({ local_date: iso, taken_twh: (stock.get(start) - stock.get(iso)) / 1000 })),
    ];
  });
  return new Map(found.filter(([, rows]) => rows.length > 1));
}

/* The stock of the last day on which it is known, against the same day of the five years before. `first`: the first day on
   which it is known at all, which may be less than five years ago. */
function level(row, first) {
  if (row.fill_level === null) return t("gas.stock", { day: day(row.local_date), stock: twh(row.stock_gwh) });
  const full = { day: day(row.local_date), stock: twh(row.stock_gwh), fill: percent(row.fill_level, 0) };
  if (row.fill_previous_years_mean === null) {
    const isShort = daysLater(first, FIVE_YEARS) > row.local_date;
    return isShort ? t("gas.full_since", { ...full, since: month(first) }) : t("gas.full", full);
  }
  return t("gas.compared", {
    ...full,
    points: signed(100 * (row.fill_level - row.fill_previous_years_mean), 1),
    lowest: percent(row.fill_previous_years_min, 0),
    highest: percent(row.fill_previous_years_max, 0),
  });
}

/* The gas injected and withdrawn in the period, over the days on which the change of the stock is known and plausible.
   */
function flows(rows) {
  const known = having(rows, "net_withdrawal_gwh");
  if (known.length === 0) return "";
  const total = (sign) => known.reduce((a, row) => a + Math.max(0, sign * row.net_withdrawal_gwh), 0);
  return ` ${t("gas.flows", { injected: twh(total(-1)), withdrawn: twh(total(1)), n: known.length })}`;
}

/* The rank of this winter's drawdown among all winters on the same day of winter. */
function ranked(all, last) {
  const every = winters(all);
  const year = winterOf(last.local_date);
  const mine = every.get(year)?.findLast((row) => row.local_date <= last.local_date);
  if (!mine) return "";
  const age = midnight(mine.local_date) - midnight(`${year - 1}-10-31`);
  const same = [...every].flatMap(([other, rows]) => {
    const then = rows.find((row) => midnight(row.local_date) - midnight(`${other - 1}-10-31`) === age);
    return then ? [then.taken_twh] : [];
  });
  if (same.length < 3 || age === 0) return "";
  const place = 1 + same.filter((taken) => taken > mine.taken_twh).length;
  const taken = `${rounded(mine.taken_twh)}\u00A0TWh`;
  const values = { winter: winterYears(year), day: day(mine.local_date), taken, place, winters: same.length };
  return ` ${t("gas.ranked", values)}`;
}

/* The stock, the fill level, the flows of the period, and the rank of this winter. */
export function finding(rows, context) {
  const known = having(rows, "stock_gwh");
  if (known.length === 0) return t("gas.none") + missing(rows, context.words, "mean_celsius");
  const last = known.at(-1);
  const first = having(context.all, "stock_gwh")[0].local_date;
  const unknown = missing(rows, context.words, "stock_gwh", "mean_celsius");
  return level(last, first) + flows(rows) + ranked(context.all, last) + unknown;
}

/* The place of a day on the calendar that all winters share: that of a winter with a 29 February. */
const calendar = (iso, year) => midnight(`${Number(iso.slice(0, 4)) - year + 2000}${iso.slice(4)}`);

/* What the charts draw: `fill` of the period, `winters` of all days, `sites` at the ends of months. */
export function datasets(rows, context) {
  const known = rows.filter((row) => row.fill_level !== null || row.fill_previous_years_mean !== null);
  const sparse = known.length > WEEKLY_BEYOND ? known.filter((_, i) => i % 7 === 0 || i === known.length - 1) : known;
  const last = having(rows, "stock_gwh").at(-1)?.local_date ?? context.period[1];
  const picked = winterOf(last);
  const since = daysLater(context.period[1], -Math.max(SITES_LEAST, rows.length + 31));
  const months = Map.groupBy(
    context.marts.sites.filter((row) => row.local_date >= since && row.local_date <= context.period[1]),
    (row) => row.local_date.slice(0, 7),
  );
  return {
    fill: sparse.map((row) => ({ ...row, bucket: midnight(row.local_date) })),
    winters: [...winters(context.all)].flatMap(([year, days]) =>
      days.map((row, i) => ({
        taken_twh: row.taken_twh,
        day_name: day(row.local_date),
        day_of_winter: calendar(row.local_date, year),
        winter: winterYears(year),
        is_picked: year === picked,
        is_last: i === days.length - 1 && year === picked,
      })),
    ),
    // The last day that a site has reported in a month differs between sites: the chart puts all of them on the latest
    // one.
    sites: [...months.values()].flatMap((found) => {
      const latest = found.map(of("local_date")).toSorted().at(-1);
      return found.map((row) => ({
        site: row.site,
        stock_twh: row.stock_gwh / 1000,
        bucket: midnight(latest),
        bucket_name: month(latest),
      }));
    }),
  };
}
