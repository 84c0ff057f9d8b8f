// Sums and statistics over rows of days. A column that is not known on a day is null, and that day is left out.

/* One row per position of the columns, `name → values`. */
export function rowsOfColumns(columns) {
  const names = Object.keys(columns);
  // Rows that begin as copies of one row share its layout. Rows that are built name by name take three times as long to
  // make and four times as long to copy.
  const empty = Object.fromEntries(names.map((name) => [name, null]));
  return (columns[names[0]] ?? []).map((_, i) => {
    const row = { ...empty };
    for (const name of names) row[name] = columns[name][i];
    return row;
  });
}

/* The known values of a column. */
export const known = (rows, column) => rows.map((row) => row[column]).filter((value) => value !== null);

/* The rows on which all of the wanted columns are known. */
export const having = (rows, ...wanted) => rows.filter((row) => wanted.every((column) => row[column] !== null));

/* The rows from the first to the last on which a column is known. */
export function spanned(rows, column) {
  const isKnown = (row) => row[column] !== null;
  return rows.slice(Math.max(0, rows.findIndex(isKnown)), rows.findLastIndex(isKnown) + 1);
}

/* The sum of the known values, or null when there is none. */
export function sum(rows, column) {
  let total = null;
  for (const row of rows) if (row[column] !== null) total += row[column];
  return total;
}

/* The sums of many columns: column → `sum` of its known values, and `weight`, the sum of the column `weigh` over the
   rows on which it is known; both null when it is known on none. One pass over the rows makes all sums, because a pass
   for each of dozens of columns of thousands of days takes longer than the drawing of a chart. */
export function totals(rows, columns, weigh) {
  const [found, weights] = [columns.map(() => null), columns.map(() => null)];
  for (const row of rows) {
    const weight = row[weigh] ?? null;
    for (let i = 0; i < columns.length; i += 1) {
      const value = row[columns[i]];
      if (value === null) continue;
      found[i] += value;
      if (weight !== null) weights[i] += weight;
    }
  }
  return Object.fromEntries(columns.map((column, i) => [column, { sum: found[i], weight: weights[i] }]));
}

/* a / b, or null when a is unknown or b is unknown or zero. */
export const ratio = (a, b) => (a === null || !b ? null : a / b);

export function mean(rows, column) {
  let [total, n] = [null, 0];
  for (const row of rows) {
    if (row[column] === null) continue;
    total += row[column];
    n += 1;
  }
  return ratio(total, n);
}

/* The mean of a column weighted by another one, over the rows on which both are known. */
export function weightedMean(rows, column, weight) {
  let [total, weights] = [0, null];
  for (const row of rows) {
    if (row[column] === null || row[weight] === null) continue;
    total += row[column] * row[weight];
    weights += row[weight];
  }
  return ratio(total, weights);
}

/* The row with the highest value of a column (the first of equals), or null. */
export const highest = (rows, column) =>
  having(rows, column).reduce((best, row) => (best && best[column] >= row[column] ? best : row), null);

/* The row with the lowest value of a column (the first of equals), or null. */
export const lowest = (rows, column) =>
  having(rows, column).reduce((best, row) => (best && best[column] <= row[column] ? best : row), null);

/* The value of a column, as a function of the row. */
export const of = (column) => (row) => row[column];

/* The mean power of the day in MW, from an energy in MWh, as a function of the row. */
export const power = (column) => (row) => ratio(row[column], row.hours_in_day);
