import { capital, cell, listed, number } from "../format.js";
import { coefficient, isLong, missing, rule } from "../sentences.js";
import { having, of, power, related } from "../statistics.js";

const below = ({ heating_threshold }) => `below ${heating_threshold} °C`;

/* Mean power over temperature, on the days below the heating threshold. */
function response(rows, column, { heating_threshold, minimum_days }) {
  const cold = having(rows, "mean_celsius").filter((row) => row.mean_celsius < heating_threshold);
  return related(cold, of("mean_celsius"), power(column), minimum_days);
}

const change = (mw) => `${number(Math.abs(mw))} MW ${mw < 0 ? "less" : "more"}`;

/* What a degree of cold goes with: consumption, and the three sources that give the most more. */
export function finding(rows, context) {
  if (rows.length === 1) return null;
  const gaps = missing(rows, context.words, "production_mwh", "mean_celsius");
  const consumption = response(rows, "consumption_mwh", context);
  if (consumption.slope === null) {
    return `Too few days ${below(context)} (${consumption.days}) to say how power responds to cold.${gaps}`;
  }
  const ranked = context.sources
    .map((source) => ({ name: source.name, slope: response(rows, source.column, context).slope }))
    .filter((source) => source.slope !== null)
    .toSorted((a, b) => a.slope - b.slope)
    .slice(0, 3);
  return (
    `${capital(below(context))} each degree of cold goes with ${change(-consumption.slope)} consumption ` +
    `(${coefficient(consumption)}); of the sources ${listed(ranked.map((s) => `${s.name} gives ${change(-s.slope)}`))}.${gaps}`
  );
}

/* The coefficients of consumption and every source. */
export function table(rows, context) {
  if (!isLong(rows, context)) return null;
  return {
    caption:
      `Power and temperature. ${rule(context)}. MW per °C of cold: the least-squares line through the daily means of ` +
      `days ${below(context)}, week-ends and holidays included.`,
    heads: ["source", "days", "r", `days ${below(context)}`, "r below", "MW per °C of cold"],
    lines: [{ name: "consumption", column: "consumption_mwh" }, ...context.sources].map(({ name, column }) => {
      const always = related(rows, of("mean_celsius"), power(column), context.minimum_days);
      const heating = response(rows, column, context);
      const slope = heating.slope === null ? null : -heating.slope;
      return [name, number(always.days), cell(always.r, 2), number(heating.days), cell(heating.r, 2), cell(slope)];
    }),
  };
}
