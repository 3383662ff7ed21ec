// Small makers of DOM elements. Text goes in as text, never as markup.

/** An element: `el('button', { class: 'x', onclick: f, 'aria-label': 'y' }, child, 'text')`. Null children are left out. */
export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) made[name] = value;
    else if (name in made && typeof value === 'boolean') made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((c) => c !== null && c !== undefined));
  return made;
}

/** A link that a plain click follows inside the app (`open`), and any other click as the browser does. */
export function inner(href, open, properties, ...children) {
  const onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open();
  };
  return el('a', { href, onclick, ...properties }, ...children);
}

/** Buttons of which one is pressed. `choices`: [value, text] pairs. */
export function segments(name, choices, chosen, choose) {
  const buttons = choices.map(([value, text]) =>
    el('button', { type: 'button', 'aria-pressed': String(value === chosen), onclick: () => choose(value) }, text));
  return el('div', { class: 'segments', role: 'group', 'aria-label': name }, ...buttons);
}

export function select(name, choices, chosen, choose) {
  const options = choices.map(([value, text]) => el('option', { value }, text));
  const made = el('select', { 'aria-label': name, onchange: (e) => choose(e.target.value) }, ...options);
  made.value = chosen;
  return made;
}

/** Fill `list` inside the scrolling `scroller` with `make(row)` for each row, as far as it has been scrolled to. */
export function fillAsScrolled(scroller, list, rows, make, rowHeight) {
  const rest = el(list.tagName === 'TBODY' ? 'tr' : 'li', { class: 'rest', 'aria-hidden': 'true' });
  let made = 0;
  const more = () => {
    const wanted = Math.min(rows.length, Math.ceil((scroller.scrollTop + (scroller.clientHeight || 640)) / rowHeight) + 12);
    if (wanted <= made) return;
    rest.remove();
    list.append(...rows.slice(made, wanted).map(make));
    made = wanted;
    rest.style.height = `${(rows.length - made) * rowHeight}px`;
    if (made < rows.length) list.append(rest);
  };
  more();
  scroller.addEventListener('scroll', more, { passive: true });
}
