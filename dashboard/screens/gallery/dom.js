// Small helpers for the page: elements, numbers, time. Every string becomes text, never markup.

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name === "text") element.textContent = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// One child for each item, made once for each key and used again: a press that has begun, the focus and the scroll
// survive the update. made(item) -> element; update(element, item).
export function renew(parent, items, key, made, update) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const wanted = items.map((item) => {
    const child = known.get(String(key(item))) || made(item);
    child.dataset.key = key(item);
    update(child, item);
    return child;
  });
  for (const child of [...parent.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((child, at) => { if (parent.children[at] !== child) parent.insertBefore(child, parent.children[at] ?? null); });
}

const whole = new Intl.NumberFormat("en-US");
export const count = (n) => whole.format(n);
export const percent = (share, digits = 0) =>
  share === null || Number.isNaN(share) ? "–" : `${(100 * share).toFixed(digits)} %`;

// A confidence as people read it: never "100 %" for less than certain.
export function confidence(share) {
  if (share === null || Number.isNaN(share)) return "–";
  if (share >= 0.995 && share < 1) return "99 %";
  return `${Math.round(100 * share)} %`;
}

export function number(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (typeof value === "string") return value;
  const small = value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6);
  return (small ? value.toExponential(2) : Number(value.toPrecision(digits + 1)).toString()).replaceAll("-", "−");
}

export function later(milliseconds, act) {
  let timer = 0;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => { timer = 0; act(); }, milliseconds);
  };
  wait.cancel = () => clearTimeout(timer);
  return wait;
}
