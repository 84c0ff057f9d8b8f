import { counted, energy, listed, percent, span } from "../format.js";
import { missing, shares } from "../sentences.js";
import { having, sum } from "../statistics.js";

/* What was consumed, produced and exchanged, and by which sources. */
export function finding(rows, { sources, words }) {
  const mix = having(rows, "production_mwh");
  if (mix.length === 0) return "There is no electricity mix for this period.";
  const ranked = shares(mix, sources).slice(0, 4);
  const net = sum(mix, "net_physical_import_mwh");
  const incomplete = mix.filter((row) => !row.is_mix_complete).length;
  return (
    `Over ${counted(mix.length, "day")} (${span(mix[0].local_date, mix.at(-1).local_date)}) ` +
    `France consumed ${energy(sum(mix, "consumption_mwh"))} and produced ${energy(sum(mix, "production_mwh"))}: ` +
    `${listed(ranked.map((s) => `${s.name} ${percent(s.share)}`))}.` +
    (net === null ? "" : ` It ${net < 0 ? "exported" : "imported"} ${energy(Math.abs(net))} net (physical exchanges).`) +
    (incomplete ? ` ${counted(incomplete, "day")} of these ${incomplete === 1 ? "is" : "are"} incomplete.` : "") +
    missing(rows, words, "production_mwh")
  );
}
