// Turns nodes into elements of the page. A node is a text or `[tag, attributes, ...nodes]`, so that other modules can make
// nodes without a document.

/* The element or text of a node. */
function build(node) {
  if (!Array.isArray(node)) return document.createTextNode(node);
  const [tag, attributes, ...inside] = node;
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside.map(build));
  return made;
}

/* Replace the content of an element by nodes. When the element that had the focus is replaced, the new one with its id
   gets the focus. */
export function fill(place, nodes) {
  const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
  place.replaceChildren(...nodes.map(build));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

/* Write every text of the page that has a key: `data-text` is the key of an element's content, `data-label` that of its
   accessible name. */
export function fillTexts(t) {
  for (const place of document.querySelectorAll("[data-text]")) {
    place.textContent = t(place.dataset.text, JSON.parse(place.dataset.values ?? "{}"));
  }
  for (const place of document.querySelectorAll("[data-label]")) place.setAttribute("aria-label", t(place.dataset.label));
}
