// One legend for all charts that stack the same series, each of which the reader can hide.

import { addressOf } from "./period.js";
import { t } from "./texts.js";

/* Nodes of the legend: one link per series, which is pressed while the series is shown. `owner` makes the ids unique.
   For a series that is a line in the chart, `line` says how it is drawn: `solid`, `dashed` or `dotted`. */
export const legendNodes = (series, picked, owner) => [
  "ul",
  { class: "legend", "aria-label": t("day.series") },
  ...series.map(({ key, name, color, line }) => {
    const isHidden = picked.hidden.includes(key);
    const hidden = isHidden ? picked.hidden.filter((each) => each !== key) : [...picked.hidden, key];
    return [
      "li",
      {},
      [
        "a",
        {
          id: `legend-${owner}-${key}`, role: "button", "aria-pressed": String(!isHidden),
          href: addressOf({ ...picked, hidden }), style: `--series: ${color}`, ...(line ? { "data-line": line } : {}),
        },
        name,
      ],
    ];
  }),
];
