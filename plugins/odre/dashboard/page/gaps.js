// Says in words which values of a period are missing or implausible.

import { capital, counted, span } from "./format.js";
import { named, t } from "./texts.js";

/* One part of the marts' English text in the page's language. A name without a translation, such as that of a site,
   stays as it is. */
function spoken(part) {
  const steps = /^(\d+) steps?$/u.exec(part);
  return steps === null ? named(part) : counted(Number(steps[1]), "step");
}

const separators = () => ({ ": ": t("gaps.colon"), "; ": t("gaps.semicolon") });

/* The marts' text about missing or implausible values in the page's language: `nuclear: 09:00–16:59 (32 steps)`. */
export function inWords(missing) {
  const moved = /^the stock moved by (\d+) GWh (in a day|the day after)$/u.exec(missing);
  if (moved !== null) return t(moved[2] === "in a day" ? "gaps.moved" : "gaps.moved_after", { gwh: moved[1] });
  if (named(missing) !== missing) return named(missing);
  // The split gives names at even places and the separators between them at odd ones.
  return missing
    .split(/(: |; |, |\(|\))/u)
    .map((part, i) => (i % 2 === 0 ? part.replace(/\S(?:.*\S)?/u, spoken) : (separators()[part] ?? part)))
    .join("");
}

function line({ source_table, first, last, missing, reason }, titles) {
  const what = missing === null ? t("gaps.something") : inWords(missing);
  return t("gaps.line", { title: capital(titles[source_table]), span: span(first, last), missing: what, reason: named(reason) });
}

/* The gaps that overlap a period, latest first: a summary, and a sentence for each of at most `limit` gaps. `gaps`:
   spans of days with first, last, source_table, missing and reason. `titles`: landing table → short name. */
export function gapsIn(gaps, titles, [first, last], limit) {
  const found = gaps.filter((gap) => gap.last >= first && gap.first <= last).toSorted((a, b) => b.last.localeCompare(a.last));
  const summary = found.length === 0 ? "gaps.none" : found.length > limit ? "gaps.latest" : "gaps.some";
  return {
    summary: t(summary, { gaps: counted(found.length, "gap"), limit }),
    lines: found.slice(0, limit).map((gap) => line(gap, titles)),
  };
}
