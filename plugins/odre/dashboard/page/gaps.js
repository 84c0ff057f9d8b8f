// What is missing in a period, in words.

import { capital, counted, span } from "./format.js";

/* The gaps that touch a period, latest first: a summary and at most `limit` of them in a sentence each.

   `gaps`: spans of days with first, last, source_table, missing and reason. `titles`: landing table → short name. */
export function gapsIn(gaps, titles, [first, last], limit) {
  const found = gaps.filter((gap) => gap.last >= first && gap.first <= last).toSorted((a, b) => b.last.localeCompare(a.last));
  const shortened = found.length > limit ? `, the latest ${limit} of them listed` : "";
  return {
    summary: found.length > 0
      ? `Missing in this period: ${counted(found.length, "gap")}${shortened}.`
      : "Nothing is missing in this period.",
    lines: found
      .slice(0, limit)
      .map((gap) => `${capital(titles[gap.source_table])}, ${span(gap.first, gap.last)}: ${gap.missing ?? "something"} (${gap.reason})`),
  };
}
