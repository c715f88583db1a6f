/**
 * Makes an element. Texts are set as text, never as markup, so nothing that a host or a person named can run.
 * @param {string} tag
 * @param {Record<string, string | boolean | undefined>} attributes
 * @param {...(Node | string | null | undefined | false)} children
 */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

/** Replaces what an element holds and keeps what the reader did: the focus and what was unfolded, found again by id. */
export function show(element, ...children) {
  const focused = document.activeElement?.id;
  const unfolded = [...element.querySelectorAll('details[open][id]')].map(({ id }) => id);
  element.replaceChildren(...children.filter(Boolean));
  for (const id of unfolded) document.getElementById(id)?.setAttribute('open', '');
  if (focused && document.activeElement?.id !== focused)
    document.getElementById(focused)?.focus({ preventScroll: true });
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}
