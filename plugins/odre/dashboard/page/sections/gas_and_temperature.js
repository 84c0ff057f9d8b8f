import { cell, day, number, percent } from "../format.js";
import { isLong, missing, relation, rule } from "../sentences.js";
import { having, of, related } from "../statistics.js";

const withdrawalOverTemperature = (rows, { minimum_days }) =>
  related(rows, of("mean_celsius"), of("net_withdrawal_gwh"), minimum_days);
const stockOverTemperature = (rows, { minimum_days }) => related(rows, of("mean_celsius"), of("stock_gwh"), minimum_days);

const stock = (row) => `${number(row.stock_gwh / 1000, 1)} TWh on ${day(row.local_date)}`;
const level = (row) =>
  row.fill_level === null ? "" : `, ${percent(row.fill_level, 0)} of the most the sites had held by then`;

function moved(rows) {
  const known = having(rows, "stock_gwh");
  if (known.length === 0) return "No national gas stock is known for this period.";
  const last = known.at(-1);
  if (known.length === 1) return `The stock was ${stock(last)}${level(last)}.`;
  return `The stock went from ${stock(known[0])} to ${stock(last)}${level(last)}.`;
}

/* How the gas stock moved, and how it and the withdrawal go with temperature. */
export function finding(rows, context) {
  const said = [moved(rows)];
  if (isLong(rows, context)) {
    const flow = withdrawalOverTemperature(rows, context);
    said.push(relation(stockOverTemperature(rows, context), "level and temperature"));
    said.push(relation(flow, "withdrawal and temperature"));
    if (flow.slope !== null) said.push(`Each degree less goes with ${number(-flow.slope)} GWh a day more withdrawn.`);
  }
  return said.join(" ") + missing(rows, context.words, "stock_gwh", "mean_celsius");
}

/* The coefficients, over the whole period and by season. */
export function table(rows, context) {
  if (!isLong(rows, context)) return null;
  return {
    caption: `Gas and temperature by season. ${rule(context)}.`,
    heads: ["season", "days", "r, stock", "days", "r, withdrawal", "GWh a day per °C of cold"],
    lines: ["all", ...context.seasons].map((season) => {
      const chosen = season === "all" ? rows : rows.filter((row) => row.season === season);
      const [held, flow] = [stockOverTemperature(chosen, context), withdrawalOverTemperature(chosen, context)];
      const slope = flow.slope === null ? null : -flow.slope;
      return [season, number(held.days), cell(held.r, 2), number(flow.days), cell(flow.r, 2), cell(slope)];
    }),
  };
}
