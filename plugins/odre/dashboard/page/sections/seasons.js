import { daysInSeason } from "../days.js";
import { counted, listed, percent, signed } from "../format.js";
import { bySeason, missing, shares } from "../sentences.js";

const isWhole = (days, start) => days?.length === daysInSeason(start);
const name = (days) => days[0].season_of_year;

/* Which shares moved most between the last whole season of the period and the same season one year before, which may
   lie outside the period. */
function moves(now, then, sources) {
  const before = new Map(shares(then, sources).map((source) => [source.name, source.share]));
  return shares(now, sources)
    .map((source) => ({ ...source, change: source.share - before.get(source.name) }))
    .toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change))
    .slice(0, 3);
}

export function finding(rows, { sources, words, all }) {
  if (rows.length === 1) return null;
  const [groups, ever] = [bySeason(rows), bySeason(all)];
  if (groups.size === 0) return "There is no electricity mix for this period.";
  const whole = [...groups.keys()].filter((start) => isWhole(groups.get(start), start));
  const pairs = whole.filter((start) => isWhole(ever.get(start - 4), start - 4));
  const partial = groups.size - whole.length;
  const note =
    (partial ? ` ${counted(partial, "season")} of the period ${partial === 1 ? "is" : "are"} not whole.` : "") +
    missing(rows, words, "production_mwh");
  if (pairs.length === 0) {
    const days = [...groups.values()].at(-1);
    const [top] = shares(days, sources);
    return (
      `In ${name(days)} ${top.name} made ${percent(top.share)} of the production (${counted(days.length, "day")}). ` +
      `No whole season can be compared with the same season one year before.${note}`
    );
  }
  const last = Math.max(...pairs);
  const [now, then] = [groups.get(last), ever.get(last - 4)];
  const moved = moves(now, then, sources).map((s) => `${s.name} went to ${percent(s.share)} (${signed(100 * s.change, 1)} points)`);
  return `From ${name(then)} to ${name(now)} (${counted(now.length, "day")}) ${listed(moved)}.${note}`;
}
