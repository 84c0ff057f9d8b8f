// What is missing or implausible in a period, in words.

import { capital, counted, span } from "./format.js";
import { named, t } from "./texts.js";

/* A part of what the marts say, in the language that is spoken; a name that no text has, of a site for example, stays. */
function spoken(part) {
  const steps = /^(\d+) steps?$/u.exec(part);
  return steps === null ? named(part) : counted(Number(steps[1]), "step");
}

const separators = () => ({ ": ": t("gaps.colon"), "; ": t("gaps.semicolon") });

/* What the marts say is missing or implausible, in the language that is spoken: `nuclear: 09:00–16:59 (32 steps)`. */
export function inWords(missing) {
  const moved = /^the stock moved by (\d+) GWh (in a day|the day after)$/u.exec(missing);
  if (moved !== null) return t(moved[2] === "in a day" ? "gaps.moved" : "gaps.moved_after", { gwh: moved[1] });
  if (named(missing) !== missing) return named(missing);
  // The names of things stand at even places, what parts them at odd ones.
  return missing
    .split(/(: |; |, |\(|\))/u)
    .map((part, i) => (i % 2 === 0 ? part.replace(/\S(?:.*\S)?/u, spoken) : (separators()[part] ?? part)))
    .join("");
}

function line({ source_table, first, last, missing, reason }, titles) {
  const what = missing === null ? t("gaps.something") : inWords(missing);
  return t("gaps.line", { title: capital(titles[source_table]), span: span(first, last), missing: what, reason: named(reason) });
}

/* The gaps that touch a period, latest first: a summary and at most `limit` of them in a sentence each.

   `gaps`: spans of days with first, last, source_table, missing and reason. `titles`: landing table → short name. */
export function gapsIn(gaps, titles, [first, last], limit) {
  const found = gaps.filter((gap) => gap.last >= first && gap.first <= last).toSorted((a, b) => b.last.localeCompare(a.last));
  const summary = found.length === 0 ? "gaps.none" : found.length > limit ? "gaps.latest" : "gaps.some";
  return {
    summary: t(summary, { gaps: counted(found.length, "gap"), limit }),
    lines: found.slice(0, limit).map((gap) => line(gap, titles)),
  };
}
