// The figures at the head of the page.

import { counted, number, percent } from "./format.js";
import { known, mean, ratio, sum, weightedMean } from "./statistics.js";
import { t } from "./texts.js";

/* Label and value of every tile, by its id; and a note, where the value is of fewer days than the mix is known on. */
export function tiles(rows) {
  const days = known(rows, "consumption_mwh").length;
  const note = (column) => {
    const n = known(rows, column).length;
    return n > 0 && n < days ? counted(n, "day") : "";
  };
  const twh = (column) => ratio(sum(rows, column), 1e6);
  const net = twh("net_commercial_import_mwh");
  return [
    { id: "tile-days", label: t("tiles.days"), value: t("tiles.of", { known: days, all: rows.length }) },
    { id: "tile-co2", label: t("tiles.co2"), value: number(mean(rows, "co2_g_per_kwh"), 1), note: note("co2_g_per_kwh") },
    { id: "tile-consumption", label: t("tiles.consumption"), value: number(twh("consumption_mwh"), 3) },
    { id: "tile-production", label: t("tiles.production"), value: number(twh("production_mwh"), 3) },
    { id: "tile-low-carbon", label: t("tiles.low_carbon"), value: percent(weightedMean(rows, "low_carbon_share", "production_mwh")) },
    { id: "tile-net-exchange", label: net > 0 ? t("tiles.bought") : t("tiles.sold"), value: number(net === null ? null : Math.abs(net), 3), note: note("net_commercial_import_mwh") },
    { id: "tile-temperature", label: t("tiles.temperature"), value: number(mean(rows, "mean_celsius"), 1), note: note("mean_celsius") },
  ];
}
