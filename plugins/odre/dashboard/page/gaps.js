// What is missing or implausible in a period, in words.

import { capital, counted, span } from "./format.js";
import { named, t } from "./texts.js";

function line({ source_table, first, last, missing, reason }, titles) {
  const what = missing === null ? t("gaps.something") : named(missing);
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
