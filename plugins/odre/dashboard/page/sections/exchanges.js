import { bucketed } from "../days.js";
import { cell, counted, energy, listed, percent } from "../format.js";
import { missing } from "../sentences.js";
import { having, mean, of, ratio, spanned, sum } from "../statistics.js";
import { t } from "../texts.js";

const NET = "net_commercial_import_mwh";

/* What was sold to and bought from each neighbour on the days on which every border is known, MWh, best buyer first. */
function totals(rows, borders) {
  const traded = having(rows, NET);
  return borders
    .map(({ name, export: sold, import: bought }) => ({ name, out: sum(traded, sold), into: sum(traded, bought) }))
    .toSorted((a, b) => b.out - a.out);
}

const all = (found) => {
  const total = (side) => found.reduce((a, border) => a + border[side], 0);
  return { out: total("out"), into: total("into") };
};

/* What was sold and bought, where most of it went, and from whom more was bought than sold. */
export function finding(rows, { borders, words }) {
  const traded = having(rows, NET);
  const gaps = missing(rows, words, NET);
  if (traded.length === 0) return t("exchanges.none") + gaps;
  const found = totals(rows, borders);
  const { out, into } = all(found);
  const [first] = found;
  const suppliers = found.filter((border) => border.into > border.out).toSorted((a, b) => b.into - b.out - (a.into - a.out));
  return [
    t(out >= into ? "exchanges.sold" : "exchanges.bought", {
      days: counted(traded.length, "day"),
      out: energy(out),
      into: energy(into),
      net: energy(Math.abs(out - into)),
    }),
    ...(out > 0
      ? [t("exchanges.most", { border: first.name, energy: energy(first.out), share: percent(ratio(first.out, out)) })]
      : []),
    suppliers.length > 0 ? t("exchanges.suppliers", { borders: listed(suppliers.map(of("name"))) }) : t("exchanges.no_supplier"),
  ].join(" ") + gaps;
}

/* Sentences that explain commercial and physical exchanges, with the net of both over the days on which both are known.
   */
export function content(rows) {
  const both = having(rows, NET, "net_physical_import_mwh");
  const said = both.length > 0
    ? ` ${t("exchanges.both", {
        days: counted(both.length, "day"),
        commercial: balance(-sum(both, NET)),
        physical: balance(-sum(both, "net_physical_import_mwh")),
      })}`
    : "";
  return [["p", { class: "muted" }, t("exchanges.explained") + said]];
}

/* `1.2 TWh sold` or `1.2 TWh bought`, net. */
const balance = (mwh) => t(mwh >= 0 ? "exchanges.net_sold" : "exchanges.net_bought", { energy: energy(Math.abs(mwh)) });

const twh = (mwh) => cell(mwh === null ? null : mwh / 1e6, 2);

const line = ({ name, out, into }) => [name, twh(out), twh(into), twh(out - into)];

/* Energy by border and of all borders. */
export function table(rows, { borders }) {
  if (having(rows, NET).length === 0) return null;
  const found = totals(rows, borders);
  return {
    caption: t("exchanges.table_caption"),
    heads: ["border", "exports", "imports", "net_exports"].map((name) => t(`exchanges.head_${name}`)),
    lines: [...found.map(line), line({ name: t("exchanges.all"), ...all(found) })],
  };
}

const when = ([{ bucket, bucket_end, bucket_name }]) => ({ bucket, bucket_end, bucket_name, zero: 0 });

const inBuckets = (rows) => [...Map.groupBy(bucketed(rows), of("bucket")).values()];

/* The rows of the charts: `borders`, the mean energy a day sold (> 0) and bought (< 0) by bucket and border; `net_exports`,
   commercial and physical; and `destinations`, what was sold to each neighbour over the period. In a stack, exports are above
   zero and imports below. */
export function datasets(rows, { borders }) {
  const buckets = inBuckets(rows);
  // Borders are often known for a small part of a long period only. The chart shows that part, in steps that fit it.
  const drawn = inBuckets(spanned(rows, NET)).flatMap((days) => {
    const traded = having(days, NET);
    if (traded.length === 0) return [];
    const top = { out: 0, into: 0 };
    return borders.flatMap((border) =>
      [["out", border.export, 1], ["into", border.import, -1]].map(([side, column, sign]) => {
        const gwh = mean(traded, column) / 1000;
        const low = top[side];
        top[side] += sign * gwh;
        return {
          ...when(days),
          border: border.name,
          direction: t(side === "out" ? "exchanges.head_exports" : "exchanges.head_imports"),
          gwh,
          drawn: sign * gwh,
          low,
          high: top[side],
        };
      }),
    );
  });
  const most = [Math.min, Math.max].map((end) => end(0, ...drawn.map(of("drawn"))));
  const nets = [["exchanges.commercial", NET], ["exchanges.physical", "net_physical_import_mwh"]];
  return {
    destinations:
      having(rows, NET).length === 0
        ? []
        : totals(rows, borders).map(({ name, out }) => ({ border: name, gwh: out / 1000 })),
    borders: drawn.map((row) => ({ ...row, most: row.drawn < 0 ? most[0] : most[1] })),
    // A bucket without a known value gets a row too, so that the line breaks there.
    net_exports: nets
      .filter(([, column]) => having(rows, column).length > 0)
      .flatMap(([key, column]) =>
        buckets.map((days) => {
          const net = mean(days, column);
          return { ...when(days), kind: t(key), gwh: net === null ? null : -net / 1000 };
        }),
      ),
  };
}
