// Finding and table of every section, by the id its Python object has.

import * as exchanges from "./sections/exchanges.js";
import * as gasAndTemperature from "./sections/gas_and_temperature.js";
import * as kindsOfDays from "./sections/kinds_of_days.js";
import * as mix from "./sections/mix.js";
import * as peaksAndForecasts from "./sections/peaks_and_forecasts.js";
import * as seasons from "./sections/seasons.js";
import * as sourcesAndGasStock from "./sections/sources_and_gas_stock.js";
import * as sourcesAndTemperature from "./sections/sources_and_temperature.js";

export const sections = {
  mix,
  "gas-and-temperature": gasAndTemperature,
  "sources-and-temperature": sourcesAndTemperature,
  "sources-and-gas-stock": sourcesAndGasStock,
  seasons,
  exchanges,
  "peaks-and-forecasts": peaksAndForecasts,
  "kinds-of-days": kindsOfDays,
};
