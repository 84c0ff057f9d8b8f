import { counted, listed, percent, rounded } from "../format.js";
import { missing } from "../sentences.js";
import { having, mean, power } from "../statistics.js";
import { t } from "../texts.js";

/* A forecast's mean absolute error, in MW and as a part of the mean consumption of the same days. */
function off(rows, { name, column }) {
  const days = having(rows, column, "consumption_mwh");
  const load = days.reduce((a, row) => a + power("consumption_mwh")(row), 0) / days.length;
  const error = mean(days, column);
  return t("peaks_and_forecasts.off", {
    name, error: `${rounded(error)}\u00A0MW`, share: percent(error / load), days: counted(days.length, "day"),
  });
}

/* How far each forecast was off. */
export function finding(rows, { forecasts, words }) {
  if (having(rows, "consumption_mwh").length === 0) return t("peaks_and_forecasts.none");
  const said = forecasts.filter(({ column }) => having(rows, column, "consumption_mwh").length).map((f) => off(rows, f));
  if (said.length === 0) return t("peaks_and_forecasts.no_forecast");
  return t("peaks_and_forecasts.finding", { list: listed(said) }) + missing(rows, words, "production_mwh");
}
