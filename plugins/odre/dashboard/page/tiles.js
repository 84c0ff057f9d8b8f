// The figures at the head of the page.

import { number, percent } from "./format.js";
import { known, mean, ratio, sum, weightedMean } from "./statistics.js";

/* Label and value of every tile, by its id. */
export function tiles(rows) {
  const twh = (column) => ratio(sum(rows, column), 1e6);
  const net = twh("net_commercial_import_mwh");
  return [
    { id: "tile-days", label: "days with a mix, of the period", value: `${number(known(rows, "consumption_mwh").length)} of ${number(rows.length)}` },
    { id: "tile-co2", label: "mean CO2, g/kWh", value: number(mean(rows, "co2_g_per_kwh"), 1) },
    { id: "tile-consumption", label: "consumption, TWh", value: number(twh("consumption_mwh"), 3) },
    { id: "tile-production", label: "production, TWh", value: number(twh("production_mwh"), 3) },
    { id: "tile-low-carbon", label: "low-carbon share", value: percent(weightedMean(rows, "low_carbon_share", "production_mwh")) },
    { id: "tile-net-exchange", label: `${net > 0 ? "bought" : "sold"} abroad, net, TWh`, value: number(net === null ? null : Math.abs(net), 3) },
    { id: "tile-temperature", label: "mean temperature, °C", value: number(mean(rows, "mean_celsius"), 1) },
  ];
}
