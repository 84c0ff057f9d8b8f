// Calls exported functions of the page's modules, in Node: a JSON request on each line of standard input is answered by
// a JSON line. A request is { module, name, arguments }; for an export that is not a function the answer is its keys.
// An argument { call, arguments } stands for the result of a function of statistics.js, so that an accessor such as
// `of("stock_gwh")` can be passed, and { map } for a Map of pairs.

import { stdin, stdout } from "node:process";
import { createInterface } from "node:readline";

const folder = new URL("../plugins/odre/dashboard/page/", import.meta.url);
const statistics = await import(new URL("statistics.js", folder));
const revived = (_, value) => {
  if (value?.call) return statistics[value.call](...value.arguments);
  return value?.map ? (Array.isArray(value) ? value : new Map(value.map)) : value;
};

for await (const line of createInterface({ input: stdin })) {
  const { module, name, arguments: given } = JSON.parse(line, revived);
  const loaded = await import(new URL(module, folder));
  let answer = {};
  try {
    answer = { value: typeof loaded[name] === "function" ? loaded[name](...given) : Object.keys(loaded[name]) };
  } catch (error) {
    answer = { error: error.stack };
  }
  stdout.write(`${JSON.stringify(answer)}\n`);
}
