// Nodes that several modules make. A node is a text or `[tag, attributes, ...nodes]`; view/nodes.js turns it into an element.

/* Nodes of a table: heads above, and lines whose first cell names them. */
export const tableNodes = (heads, lines) => [
  ["thead", {}, ["tr", {}, ...heads.map((text) => ["th", { scope: "col" }, text])]],
  [
    "tbody",
    {},
    ...lines.map(([name, ...cells]) => ["tr", {}, ["th", { scope: "row" }, name], ...cells.map((text) => ["td", {}, text])]),
  ],
];
