import { partWords, rowsWith } from "../answers_rows.js";
import { winterYears } from "../days.js";
import { capital, cell, day, listed, number, percent, signed } from "../format.js";
import { having, ratio, sum } from "../statistics.js";
import { named, t } from "../texts.js";

// A share that moves by less than a tenth of a percentage point is not mentioned.
const WORTH = 0.001;
// A season is shown when at least this part of its days is known, as in the answers.
const USABLE = 0.9;

const seasonName = ({ season, season_year }) =>
  `${named(season)} ${season === "winter" ? winterYears(season_year) : season_year}`;

/* A sentence about the shares that have moved most between the last whole season that ends in the period and the same
   season one year before. */
export function finding(rows, { marts, seasons }) {
  if (having(rows, "production_mwh").length === 0) return t("mix.none");
  const startOf = (row) => 4 * row.season_year + seasons.indexOf(row.season);
  const [first, last] = [rows[0], rows.at(-1)].map(startOf);
  const ofLast = rows.filter((row) => startOf(row) === last).length;
  const ended = (row) => startOf(row) < last || (startOf(row) === last && ofLast === row.days_in_season);
  const compared = marts.seasons.filter((row) => row.share_change !== null && startOf(row) >= first && ended(row));
  if (compared.length === 0) return t("seasons.uncompared");
  const start = Math.max(...compared.map(startOf));
  const latest = compared.filter((row) => startOf(row) === start);
  const names = { before: seasonName({ ...latest[0], season_year: latest[0].season_year - 1 }), now: seasonName(latest[0]) };
  const moved = latest
    .filter((row) => Math.abs(row.share_change) >= WORTH)
    .toSorted((a, b) => Math.abs(b.share_change) - Math.abs(a.share_change))
    .slice(0, 3);
  if (moved.length === 0) return capital(t("seasons.unmoved", names));
  const moves = moved.map((row) =>
    t("seasons.move", {
      source: named(row.source),
      share: percent(row.share),
      points: signed(100 * row.share_change, 1),
    }),
  );
  return capital(t("seasons.moved", { ...names, moves: listed(moves) }));
}

// Columns of the annual table, taken from `dashboard_daily`, with the sign that makes exports positive.
const FIGURES = (sources) => [
  { column: "consumption_mwh", title: () => t("seasons.consumption"), sign: 1 },
  { column: "production_mwh", title: () => t("seasons.production"), sign: 1 },
  ...sources.map(({ name, column }) => ({ column, title: () => name, sign: 1 })),
  { column: "net_commercial_import_mwh", title: () => t("seasons.net_exports"), sign: -1 },
];

const byYear = (all) => Map.groupBy(having(all, "production_mwh"), (row) => Number(row.local_date.slice(0, 4)));
const daysOf = (year) => (Date.UTC(year + 1, 0, 1) - Date.UTC(year, 0, 1)) / 864e5;

/* Every year's energies beside those that RTE has published: `year`, its number of known `days`, and for each figure `ours`
   over `known` days and `theirs`, in TWh, and the `difference` as a part of theirs, for figures that are known on all days
   of the year. What is unknown is null. */
export function annual(all, { sources, published }) {
  const [known, theirs] = [byYear(all), new Map(published.annual.map((entry) => [entry.year, entry.twh]))];
  return [...known].toSorted(([a], [b]) => b - a).map(([year, days]) => {
    return {
      year,
      days: days.length,
      figures: FIGURES(sources).map(({ column, sign }) => {
        const found = having(days, column);
        const ours = found.length === 0 ? null : (sign * sum(found, column)) / 1e6;
        const said = theirs.get(year)?.[column];
        const their = said === undefined ? null : sign * said;
        const comparable = their !== null && found.length === daysOf(year);
        const difference = comparable ? (ours - their) / Math.abs(their) : null;
        return { column, ours, known: found.length, theirs: their, difference };
      }),
    };
  });
}

const daysKnown = (days, year) => (days === daysOf(year) ? number(days) : t("seasons.of_days", { days, all: daysOf(year) }));

/* A cell with a figure, the number of its days where they are fewer than those of its line, and the published figure.
   */
function figureCell({ ours, known, theirs, difference }, { year, days }, publisher) {
  const fewer = ours !== null && known < days ? [`${daysKnown(known, year)} ${t("seasons.days")}`] : [];
  const apart = difference === null ? "" : ` · ${signed(100 * difference, 1)}\u00A0%`;
  const published = theirs === null ? [] : [`${publisher} ${number(theirs, 1)}${apart}`];
  return ["td", {}, cell(ours, 1), ...[...fewer, ...published].flatMap((said) => [["br", {}], ["small", {}, said]])];
}

/* The annual table, and the sources of the published figures. */
export function content(_, context) {
  const { published, sources } = context;
  const found = annual(context.all, context);
  if (found.length === 0) return [];
  const lines = found.map((line) => [
    "tr",
    {},
    ["th", { scope: "row" }, String(line.year)],
    ["td", {}, daysKnown(line.days, line.year)],
    ...line.figures.map((figure) => figureCell(figure, line, published.publisher)),
  ]);
  const heads = [t("seasons.year"), t("seasons.days"), ...FIGURES(sources).map(({ title }) => title())];
  const compared = published.annual.filter(({ year }) => found.some((line) => line.year === year));
  const said = compared.flatMap(({ publication, stated, link }, i) => [
    ...(i > 0 ? [t("words.semicolon")] : []),
    ["a", { href: link, target: "_blank", rel: "noopener noreferrer" }, publication],
    ` (${day(stated)})`,
  ]);
  return [
    ["h3", {}, t("seasons.annual")],
    [
      "div",
      { class: "scroll years", tabindex: "0", role: "region", "aria-label": t("seasons.annual") },
      ["table", {}, ["thead", {}, ["tr", {}, ...heads.map((text) => ["th", { scope: "col" }, text])]], ["tbody", {}, ...lines]],
    ],
    ...(compared.length > 0
      ? [["p", { class: "muted" }, t("seasons.published", { publisher: published.publisher }), " ", ...said, "."]]
      : []),
  ];
}

/* What the charts draw: `season_matrix` of the answers, `years` of all days, `season_shares` of the mart. */
export function datasets(_, context) {
  const words = partWords(context);
  const shares = rowsWith(context.marts.answers, "mix_by_season", "season_share").filter((row) => row.estimate !== null);
  const mean = (source) => {
    const four = shares.filter((row) => row.part.startsWith(`${source}/`));
    return four.reduce((a, row) => a + row.estimate, 0) / four.length;
  };
  const usable = context.marts.seasons.filter((row) => row.share !== null && row.days >= USABLE * row.days_in_season);
  return {
    season_matrix: shares.map((row) => {
      const [source, season] = row.part.split("/");
      const relative = (ratio(row.estimate, mean(source)) ?? 1) - 1;
      return {
        source: words[source] ?? source,
        season: named(season),
        share: row.estimate / 100,
        lower: row.lower / 100,
        upper: row.upper / 100,
        seasons: row.days,
        relative,
        strength: Math.abs(relative),
      };
    }),
    years: [...byYear(context.all)].flatMap(([year, days]) =>
      context.sources.flatMap(({ name, column }, rank) => {
        const known = having(days, column);
        if (known.length === 0) return [];
        return [{ year: String(year), source: name, rank, twh: sum(known, column) / 1e6, days: known.length }];
      }),
    ),
    season_shares: usable.map((row) => ({
      key: row.season,
      ...Object.fromEntries(context.seasons.map((season) => [season, row.season === season ? row.share : null])),
      season_year: row.season_year,
      source: named(row.source),
      share: row.share,
      days: row.days,
    })),
  };
}

