import { cell, number } from "../format.js";
import { coefficient, isLong, missing, relation, rule, strength } from "../sentences.js";
import { having, of, power, related } from "../statistics.js";

/* Which source goes most with the gas stock, and whether gas-fired power goes with withdrawal. */
export function finding(rows, { sources, words, minimum_days }) {
  if (rows.length === 1) return null;
  const gaps = missing(rows, words, "production_mwh", "stock_gwh");
  const [closest] = sources
    .map((source) => ({ name: source.name, ...related(rows, of("stock_gwh"), power(source.column), minimum_days) }))
    .filter((source) => source.r !== null)
    .toSorted((a, b) => Math.abs(b.r) - Math.abs(a.r));
  if (!closest) {
    const both = having(rows, "production_mwh", "stock_gwh").length;
    return `Too few days (${both}) with both a mix and a national gas stock to relate them.${gaps}`;
  }
  const gas = related(rows, of("net_withdrawal_gwh"), power("gas_mwh"), minimum_days);
  return (
    `The source that goes most with the gas stock is ${closest.name}: ${strength(closest.r)} (${coefficient(closest)}). ` +
    relation(gas, "gas-fired power and withdrawal") +
    gaps
  );
}

/* The coefficients of consumption and every source. */
export function table(rows, context) {
  if (!isLong(rows, context)) return null;
  return {
    caption: `Power and gas in storage. ${rule(context)}.`,
    heads: ["source", "days", "r, stock", "days", "r, withdrawal"],
    lines: [{ name: "consumption", column: "consumption_mwh" }, ...context.sources].map(({ name, column }) => {
      const level = related(rows, of("stock_gwh"), power(column), context.minimum_days);
      const flow = related(rows, of("net_withdrawal_gwh"), power(column), context.minimum_days);
      return [name, number(level.days), cell(level.r, 2), number(flow.days), cell(flow.r, 2)];
    }),
  };
}
