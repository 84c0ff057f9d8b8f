import { cell, counted, energy, number, percent } from "../format.js";
import { isLong, missing, relation, rule } from "../sentences.js";
import { having, of, ratio, related, sum } from "../statistics.js";

const netExport = (row) => (row.net_commercial_import_mwh === null ? null : -row.net_commercial_import_mwh);

const twh = (mwh) => cell(mwh === null ? null : mwh / 1e6, 3);

/* What was sold and bought, where most of it went, and whether net exports go with the gas stock. */
export function finding(rows, context) {
  const traded = having(rows, "net_commercial_import_mwh");
  const gaps = missing(rows, context.words, "net_commercial_import_mwh", "stock_gwh");
  if (traded.length === 0) return `No commercial exchange is known for this period.${gaps}`;
  const totals = context.borders
    .map((border) => ({ name: border.name, out: sum(traded, border.export), into: sum(traded, border.import) }))
    .toSorted((a, b) => b.out - a.out);
  const [out, into] = ["out", "into"].map((side) => totals.reduce((a, b) => a + b[side], 0));
  const found = related(rows, of("stock_gwh"), netExport, context.minimum_days);
  return (
    `Over ${counted(traded.length, "day")} France sold ${energy(out)} and bought ${energy(into)}; most went to ${totals[0].name} ` +
    `(${energy(totals[0].out)}, ${percent(ratio(totals[0].out, out))}).` +
    (isLong(rows, context) ? ` ${relation(found, "net export and gas stock")}` : "") +
    gaps
  );
}

/* Energy and, over long periods, coefficients by border. */
export function table(rows, context) {
  const long = isLong(rows, context);
  return {
    caption: `Commercial exchanges, TWh.${long ? ` ${rule(context)}.` : ""}`,
    heads: ["border", "exports", "imports", "net exports", ...(long ? ["days", "r, net exports and stock"] : [])],
    lines: context.borders.map((border) => {
      const traded = having(rows, border.export);
      const [out, into] = [sum(traded, border.export), sum(traded, border.import)];
      const net = (row) => (row[border.export] === null ? null : row[border.export] - row[border.import]);
      const found = related(rows, of("stock_gwh"), net, context.minimum_days);
      const energies = [out, into, out === null ? null : out - into].map(twh);
      return [border.name, ...energies, ...(long ? [number(found.days), cell(found.r, 2)] : [])];
    }),
  };
}
