// Makes and updates elements. Every string becomes text, never markup.

// element("button", { class: "x", text: "OK", onclick: act, "aria-label": "y" }, child, ...): an attribute that is null,
// undefined or false is left out, and so is such a child.
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

// The same for elements of SVG.
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "text") made.textContent = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

// One child for each item, created once for each key and then updated in place, so that a press that has begun, the
// focus and the scroll position survive. create(item) -> element; update(element, item).
export function updateChildren(parent, items, key, create, update) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const wanted = items.map((item) => {
    const child = known.get(String(key(item))) || create(item);
    child.dataset.key = key(item);
    update(child, item);
    return child;
  });
  for (const child of [...parent.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((child, at) => { if (parent.children[at] !== child) parent.insertBefore(child, parent.children[at] ?? null); });
}

// The colours of the page as custom properties (--wrong, --accent, ...), see dashboard/view/palette.py.
export function applyPalette(root, colours, theme) {
  for (const [name, colour] of Object.entries(colours)) root.style.setProperty(`--${name}`, colour);
  root.style.colorScheme = theme;
}
