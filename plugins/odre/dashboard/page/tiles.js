// The figures at the head of the page.

import { counted, number, percent, rounded } from "./format.js";
import { having, known, mean, ratio, sum, totals, weightedMean } from "./statistics.js";
import { t } from "./texts.js";

/* Label and value of every tile with its id, and a note where the value is of fewer days than the others. Consumption
   and production are of the same days as in the sentences of the section. */
export function tiles(rows) {
  const mix = having(rows, "production_mwh");
  const found = totals(mix, ["consumption_mwh", "production_mwh"]);
  const twh = (column) => rounded(ratio(found[column].sum, 1e6));
  const note = (column, all) => {
    const n = known(rows, column).length;
    return n > 0 && n < all.length ? counted(n, "day") : "";
  };
  const net = ratio(sum(rows, "net_commercial_import_mwh"), 1e6);
  return [
    { id: "tile-days", label: t("tiles.days"), value: t("tiles.of", { known: mix.length, all: rows.length }) },
    { id: "tile-co2", label: t("tiles.co2"), value: number(mean(rows, "co2_g_per_kwh"), 1), note: note("co2_g_per_kwh", mix) },
    { id: "tile-consumption", label: t("tiles.consumption"), value: twh("consumption_mwh"), note: note("consumption_mwh", mix) },
    { id: "tile-production", label: t("tiles.production"), value: twh("production_mwh") },
    {
      id: "tile-low-carbon",
      label: t("tiles.low_carbon"),
      value: percent(weightedMean(mix, "low_carbon_share", "production_mwh")),
    },
    {
      id: "tile-net-exchange",
      label: net > 0 ? t("tiles.bought") : t("tiles.sold"),
      value: rounded(net === null ? null : Math.abs(net)),
      note: note("net_commercial_import_mwh", mix),
    },
    {
      id: "tile-temperature",
      label: t("tiles.temperature"),
      value: number(mean(rows, "mean_celsius"), 1),
      note: note("mean_celsius", rows),
    },
  ];
}
