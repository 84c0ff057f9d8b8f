import { counted, listed, number, percent } from "../format.js";
import { missing } from "../sentences.js";
import { having, highest, mean, power } from "../statistics.js";

/* A forecast's mean absolute error, in MW and as a part of the mean consumption of the same days. */
function off(rows, { name, column }) {
  const days = having(rows, column, "consumption_mwh");
  const load = days.reduce((a, row) => a + power("consumption_mwh")(row), 0) / days.length;
  const error = mean(days, column);
  return `the ${name} forecast was off by ${number(error)} MW (${percent(error / load)}, ${counted(days.length, "day")})`;
}

/* The highest consumption of a step, and how far each forecast was off. */
export function finding(rows, { forecasts, words }) {
  const peak = highest(rows, "peak_consumption_mw");
  if (!peak) return "There is no electricity mix for this period.";
  const said = forecasts.filter(({ column }) => having(rows, column, "consumption_mwh").length).map((f) => off(rows, f));
  return (
    `Consumption peaked at ${number(peak.peak_consumption_mw)} MW on ${peak.day_name}. ` +
    (said.length > 0 ? `On average ${listed(said)}.` : "No forecast can be compared.") +
    missing(rows, words, "production_mwh")
  );
}
