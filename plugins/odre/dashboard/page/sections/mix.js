import { counted, energy, listed, percent, span } from "../format.js";
import { missing, shares } from "../sentences.js";
import { having, sum } from "../statistics.js";
import { t } from "../texts.js";

/* What was consumed, produced and exchanged, and by which sources. */
export function finding(rows, { sources, words }) {
  const mix = having(rows, "production_mwh");
  if (mix.length === 0) return t("mix.none");
  const ranked = shares(mix, sources).slice(0, 4);
  const net = sum(mix, "net_physical_import_mwh");
  const incomplete = mix.filter((row) => !row.is_mix_complete).length;
  const said = [
    t("mix.finding", {
      days: counted(mix.length, "day"),
      span: span(mix[0].local_date, mix.at(-1).local_date),
      consumed: energy(sum(mix, "consumption_mwh")),
      produced: energy(sum(mix, "production_mwh")),
      shares: listed(ranked.map(({ name, share }) => `${name} ${percent(share)}`)),
    }),
  ];
  if (net !== null) said.push(t(net < 0 ? "mix.exported" : "mix.imported", { energy: energy(Math.abs(net)) }));
  if (incomplete) said.push(t("mix.incomplete", { n: incomplete }));
  return said.join(" ") + missing(rows, words, "production_mwh");
}
