import { counted, listed } from "../format.js";
import { missing } from "../sentences.js";
import { having, of } from "../statistics.js";
import { named, t } from "../texts.js";

/* On how many days each source produced most. */
export function finding(rows, { words }) {
  if (rows.length === 1) return null;
  const days = Map.groupBy(having(rows, "top_source"), of("top_source"));
  const led = [...days]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([source, found]) => t("kinds_of_days.led", { source: named(source), days: counted(found.length, "day") }));
  if (led.length === 0) return t("kinds_of_days.none");
  return t("kinds_of_days.finding", { list: listed(led) }) + missing(rows, words, "top_source");
}
