// Small controls, and a list that is filled as it is scrolled.

import { element } from "../../browser/dom.js";

// Buttons of which one is pressed. choices: [value, text] pairs.
export function segments(name, choices, chosen, choose) {
  const buttons = choices.map(([value, text]) =>
    element("button", { type: "button", "aria-pressed": String(value === chosen), onclick: () => choose(value), text }));
  return element("div", { class: "segments", role: "group", "aria-label": name }, ...buttons);
}

export function select(name, choices, chosen, choose) {
  const options = choices.map(([value, text]) => element("option", { value, text }));
  const made = element("select", { "aria-label": name, onchange: (event) => choose(event.target.value) }, ...options);
  made.value = chosen;
  return made;
}

// Fills `list` inside the scrolling element `scroller` with create(row) for each row, as far as it has been scrolled to.
export function fillAsScrolled(scroller, list, rows, create, rowHeight) {
  const rest = element(list.tagName === "TBODY" ? "tr" : "li", { class: "rest", "aria-hidden": "true" });
  let filled = 0;
  const fill = () => {
    const wanted = Math.min(rows.length, Math.ceil((scroller.scrollTop + (scroller.clientHeight || 640)) / rowHeight) + 12);
    if (wanted <= filled) return;
    rest.remove();
    list.append(...rows.slice(filled, wanted).map(create));
    filled = wanted;
    rest.style.height = `${(rows.length - filled) * rowHeight}px`;
    if (filled < rows.length) list.append(rest);
  };
  fill();
  scroller.addEventListener("scroll", fill, { passive: true });
}
