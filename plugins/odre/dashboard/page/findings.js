// The answers, a sentence or two each, and the tables of coefficients beside them.

const TWH = (mwh) => `${number(ratio(mwh, 1e6), 3)} TWh`;
const below = `below ${page.heating_threshold} °C`;
const r = ({ r, days }) => `r = ${number(r, 2)}, ${counted(days, "day")}`;
const relation = (found, what) =>
  found.r === null
    ? `${capital(what)}: too few days (${found.days}) to say how they are related, or no variation.`
    : `${capital(what)} are ${strength(found.r)} (${r(found)}).`;

function findMix(rows) {
  const mix = with_(rows, "production_mwh");
  if (!mix.length) return "There is no electricity mix for this period.";
  const production = sum(mix, "production_mwh");
  const ranked = sources
    .map((s) => ({ name: s.name, share: ratio(sum(mix, s.column), production) }))
    .sort((a, b) => b.share - a.share);
  const net = sum(mix, "net_physical_import_mwh");
  const incomplete = mix.filter((row) => !row.is_mix_complete).length;
  return (
    `Over ${counted(mix.length, "day")} (${span(mix)}) France consumed ${TWH(sum(mix, "consumption_mwh"))} ` +
    `and produced ${TWH(production)}: ` +
    `${listed(ranked.slice(0, 4).map((s) => `${s.name} ${percent(s.share)}`))}. ` +
    `It ${net < 0 ? "exported" : "imported"} ${TWH(Math.abs(net))} net (physical exchanges).` +
    (incomplete ? ` ${counted(incomplete, "day")} of these ${incomplete === 1 ? "is" : "are"} incomplete.` : "") +
    missing(rows, "production_mwh")
  );
}

function findGasTemperature(rows) {
  const level = related(rows, of("mean_celsius"), of("stock_gwh"));
  const flow = related(rows, of("mean_celsius"), of("net_withdrawal_gwh"));
  const stocks = with_(rows, "stock_gwh");
  const [first, last] = [stocks[0], stocks.at(-1)];
  const moved = !stocks.length
    ? "No national gas stock is known for this period. "
    : `The stock went from ${number(first.stock_gwh / 1000, 1)} TWh on ${day(first.local_date)} to ` +
      `${number(last.stock_gwh / 1000, 1)} TWh on ${day(last.local_date)}` +
      (last.fill_level === null ? ". " : `, ${percent(last.fill_level, 0)} of the most the sites had held by then. `);
  const slope = flow.slope === null ? "" : ` Each degree less goes with ${number(-flow.slope)} GWh a day more withdrawn.`;
  return (
    moved + relation(level, "level and temperature") + " " + relation(flow, "withdrawal and temperature") + slope +
    missing(rows, "stock_gwh", "mean_celsius")
  );
}

const cold = (rows) => with_(rows, "mean_celsius").filter((row) => row.mean_celsius < page.heating_threshold);
const response = (rows, column) => related(cold(rows), of("mean_celsius"), power(column));

function findSourcesTemperature(rows) {
  const consumption = response(rows, "consumption_mwh");
  const gaps = missing(rows, "production_mwh", "mean_celsius");
  if (consumption.slope === null) return `Too few days ${below} (${consumption.days}) to say how power responds to cold.${gaps}`;
  const ranked = sources
    .map((s) => ({ name: s.name, ...response(rows, s.column) }))
    .filter((s) => s.slope !== null)
    .sort((a, b) => a.slope - b.slope);
  const change = (mw) => (mw < 0 ? `${number(-mw)} MW less` : `${number(mw)} MW more`);
  return (
    `${capital(below)} each degree of cold goes with ${change(-consumption.slope)} consumption (${r(consumption)}); ` +
    `of the sources ${listed(ranked.slice(0, 3).map((s) => `${s.name} gives ${change(-s.slope)}`))}.${gaps}`
  );
}

function findSourcesGas(rows) {
  const gaps = missing(rows, "production_mwh", "stock_gwh");
  const found = sources
    .map((s) => ({ name: s.name, ...related(rows, of("stock_gwh"), power(s.column)) }))
    .filter((s) => s.r !== null)
    .sort((a, b) => Math.abs(b.r) - Math.abs(a.r));
  const gas = related(rows, of("net_withdrawal_gwh"), power("gas_mwh"));
  if (!found.length) {
    const both = with_(rows, "production_mwh", "stock_gwh").length;
    return `Too few days (${both}) with both a mix and a national gas stock to relate them.${gaps}`;
  }
  return (
    `The source that goes most with the gas stock is ${found[0].name}: ${strength(found[0].r)} (${r(found[0])}). ` +
    relation(gas, "gas-fired power and withdrawal") + gaps
  );
}

const daysInSeason = (start) => {
  const [year, index] = [Math.floor(start / 4), start % 4];
  const at = (i) => Date.UTC(year, 3 * i - 1, 1);
  return Math.round((at(index + 1) - at(index)) / DAY);
};

/* A whole season of the period is compared with the one a year before, which may lie outside the period. */
const bySeason = (rows) => Map.groupBy(with_(rows, "production_mwh"), of("season_start"));
const ever = bySeason(all);

function findSeasons(rows) {
  const groups = bySeason(rows);
  if (!groups.size) return "There is no electricity mix for this period.";
  const share = (days, column) => ratio(sum(days, column), sum(days, "production_mwh"));
  const isWhole = (days, start) => days?.length === daysInSeason(start);
  const whole = [...groups.keys()].filter((start) => isWhole(groups.get(start), start));
  const pairs = whole.filter((start) => isWhole(ever.get(start - 4), start - 4));
  const name = (days) => days[0].season_of_year;
  const partial = groups.size - whole.length;
  const note =
    (partial ? ` ${counted(partial, "season")} of the period ${partial === 1 ? "is" : "are"} not whole.` : "") +
    missing(rows, "production_mwh");
  if (!pairs.length) {
    const days = [...groups.values()].at(-1);
    const top = sources.map((s) => ({ name: s.name, share: share(days, s.column) })).sort((a, b) => b.share - a.share)[0];
    return (
      `In ${name(days)} ${top.name} made ${percent(top.share)} of the production (${counted(days.length, "day")}). ` +
      `No whole season can be compared with the same season one year before.` + note
    );
  }
  const last = Math.max(...pairs);
  const [now, then] = [groups.get(last), ever.get(last - 4)];
  const moves = sources
    .map((s) => ({ name: s.name, now: share(now, s.column), change: share(now, s.column) - share(then, s.column) }))
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  return (
    `From ${name(then)} to ${name(now)} (${counted(now.length, "day")}) ` +
    `${listed(moves.slice(0, 3).map((s) => `${s.name} went to ${percent(s.now)} (${signed(100 * s.change, 1)} points)`))}.` + note
  );
}

function findExchanges(rows) {
  const traded = with_(rows, "net_commercial_import_mwh");
  const gaps = missing(rows, "net_commercial_import_mwh", "stock_gwh");
  if (!traded.length) return `No commercial exchange is known for this period.${gaps}`;
  const totals = borders
    .map((b) => ({ name: b.name, out: sum(traded, b.export), into: sum(traded, b.import) }))
    .sort((a, b) => b.out - a.out);
  const [out, into] = ["out", "into"].map((side) => totals.reduce((a, b) => a + b[side], 0));
  return (
    `Over ${counted(traded.length, "day")} France sold ${TWH(out)} and bought ${TWH(into)}; most went to ${totals[0].name} ` +
    `(${TWH(totals[0].out)}, ${percent(ratio(totals[0].out, out))}). ` +
    relation(related(rows, of("stock_gwh"), net_export), "net export and gas stock") + gaps
  );
}

function findPeaks(rows) {
  const peak = highest(rows, "peak_consumption_mw");
  if (!peak) return "There is no electricity mix for this period.";
  const seen = (column) => with_(rows, column, "consumption_mwh");
  const said = page.forecasts
    .filter((f) => seen(f.column).length)
    .map((f) => {
      const days = seen(f.column);
      const load = days.reduce((a, row) => a + power("consumption_mwh")(row), 0) / days.length;
      const error = mean(days, f.column);
      return [f.name, `${number(error)} MW (${percent(error / load)}, ${counted(days.length, "day")})`];
    });
  return (
    `Consumption peaked at ${number(peak.peak_consumption_mw)} MW on ${peak.day_name}. ` +
    (said.length
      ? `On average the ${listed(said.map(([name, by], i) => `${i ? "the " : ""}${name} forecast ${i ? "" : "was off "}by ${by}`))}.`
      : "No forecast can be compared.") +
    missing(rows, "production_mwh")
  );
}

const findings = {
  "finding-mix": findMix,
  "finding-gas-temperature": findGasTemperature,
  "finding-sources-temperature": findSourcesTemperature,
  "finding-sources-gas": findSourcesGas,
  "finding-seasons": findSeasons,
  "finding-exchanges": findExchanges,
  "finding-peaks": findPeaks,
};

// ---------------------------------------------------------------- coefficients
const coefficient = (value, digits = 2) => (value === null ? "–" : number(value, digits));
const measures = [{ name: "consumption", column: "consumption_mwh" }, ...sources];

const tables = {
  "table-gas-temperature": (rows) =>
    ["all", ...seasons].map((season) => {
      const of_season = season === "all" ? rows : rows.filter((row) => row.season === season);
      const level = related(of_season, of("mean_celsius"), of("stock_gwh"));
      const flow = related(of_season, of("mean_celsius"), of("net_withdrawal_gwh"));
      const slope = flow.slope === null ? null : -flow.slope;
      return [season, number(level.days), coefficient(level.r), number(flow.days), coefficient(flow.r), coefficient(slope, 0)];
    }),
  "table-sources-temperature": (rows) =>
    measures.map((m) => {
      const always = related(rows, of("mean_celsius"), power(m.column));
      const heating = response(rows, m.column);
      const slope = heating.slope === null ? null : -heating.slope;
      return [m.name, number(always.days), coefficient(always.r), number(heating.days), coefficient(heating.r), coefficient(slope, 0)];
    }),
  "table-sources-gas": (rows) =>
    measures.map((m) => {
      const level = related(rows, of("stock_gwh"), power(m.column));
      const flow = related(rows, of("net_withdrawal_gwh"), power(m.column));
      return [m.name, number(level.days), coefficient(level.r), number(flow.days), coefficient(flow.r)];
    }),
  "table-exchanges": (rows) =>
    borders.map((b) => {
      const traded = with_(rows, b.export);
      const [out, into] = [sum(traded, b.export), sum(traded, b.import)];
      const found = related(rows, of("stock_gwh"), (row) => (row[b.export] === null ? null : row[b.export] - row[b.import]));
      const twh = (value) => (value === null ? "–" : number(value / 1e6, 3));
      return [b.name, twh(out), twh(into), twh(out === null ? null : out - into), number(found.days), coefficient(found.r)];
    }),
};
