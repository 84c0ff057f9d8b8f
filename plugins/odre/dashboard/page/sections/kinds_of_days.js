import { counted, listed } from "../format.js";
import { missing } from "../sentences.js";
import { having, of } from "../statistics.js";

/* On how many days each source produced most. */
export function finding(rows, { words }) {
  if (rows.length === 1) return null;
  const days = Map.groupBy(having(rows, "top_source"), of("top_source"));
  const led = [...days]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([source, led_by]) => `${source} on ${counted(led_by.length, "day")}`);
  if (led.length === 0) return "There is no electricity mix for this period.";
  return `The source that produced most was ${listed(led)}.${missing(rows, words, "top_source")}`;
}
