// The data in the page, and the files beside it in the lake.

/* The value that steps.packed wrote. */
const unpacked = (bytes) => new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();

/* The page's own data. */
export const ownData = () =>
  unpacked(Uint8Array.from(atob(document.getElementById("data").textContent), (sign) => sign.codePointAt(0)));

const months = new Map();

async function fetched(address) {
  try {
    const answer = await fetch(address, { credentials: "omit" });
    return answer.ok ? await unpacked(await answer.arrayBuffer()) : {};
  } catch {
    return {};
  }
}

/* The address of the steps of older days, with `MONTH` in it; an empty text when the page is not served with them. */
const away = () => document.querySelector("meta[name='steps']").content;

/* The steps of the days of a month, from the files beside the page; empty when the page is not served with them. */
export function stepsOfMonth(month) {
  if (!away()) return {};
  if (!months.has(month)) months.set(month, fetched(away().replace("MONTH", month)));
  return months.get(month);
}
