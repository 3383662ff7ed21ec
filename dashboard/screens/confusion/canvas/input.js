// Pointer and keyboard: what they are on, zooming, panning, opening.

import { element } from "../../../browser/dom.js";
import { cellKey } from "../model.js";
import { clamp } from "./colours.js";
import { cellSize, hit, LEAST_SPAN, rectOf, reveal, zoomAt, zoomTo } from "./layout.js";
import { paintOver } from "./paint.js";

const DRAG_FROM = 5; // pixels; less is a click

export function listen(s) {
  let scrolled = false; // the page scrolled under a resting pointer: its wheel is meant for the page
  window.addEventListener("scroll", () => { scrolled = true; }, { capture: true, passive: true, signal: s.removed.signal });
  const { stage } = s;
  stage.addEventListener("pointermove", (e) => { scrolled = false; s.drag ? dragTo(s, e) : pointAt(s, e); });
  stage.addEventListener("pointerleave", () => { if (!s.drag) pointAt(s, null); });
  stage.addEventListener("pointerdown", (e) => startDrag(s, e));
  stage.addEventListener("pointerup", (e) => endDrag(s, e));
  stage.addEventListener("pointercancel", () => { s.drag = s.box = null; paintOver(s); });
  stage.addEventListener("click", (e) => click(s, e), { capture: true });
  stage.addEventListener("dblclick", () => { if (!s.link.href) showAll(s); });
  stage.addEventListener("wheel", (e) => { if (!scrolled) wheel(s, e); }, { passive: false });
  stage.addEventListener("keydown", (e) => press(s, e));
  stage.addEventListener("focus", () => { if (stage.matches(":focus-visible")) focusOn(s, s.focus || { row: 0, column: 0 }); });
  stage.addEventListener("blur", () => { s.focus = null; paintOver(s); });
}

const spot = (s, e) => {
  const box = s.base.getBoundingClientRect();
  return [e.clientX - box.left, e.clientY - box.top];
};
const inCells = (s, x, y) => [(x - s.place.left) / cellSize(s) + s.view.x, (y - s.place.top) / cellSize(s) + s.view.y];

function pointAt(s, e) {
  const [x, y] = e ? spot(s, e) : [-1, -1], at = e && hit(s, x, y);
  const same = at && s.target && at.row === s.target.row && at.column === s.target.column;
  if (!same) {
    s.target = at;
    paintOver(s);
    aim(s, at);
  }
  showTip(s, at, x, y);
}

// Puts the link over what the pointer is on, so that it opens in a new tab as links do.
function aim(s, at) {
  const fields = at && fieldsOf(s, at);
  s.link.hidden = !at;
  if (!at) return;
  const rect = rectOf(s, at);
  Object.assign(s.link.style, { left: `${rect.x}px`, top: `${rect.y}px`, width: `${rect.width}px`, height: `${rect.height}px` });
  if (fields) s.link.href = s.linkTo(fields).href;
  else s.link.removeAttribute("href");
}

// The filter that opens a target, or null when it holds no image.
export function fieldsOf(s, { row, column }) {
  const label = row < 0 ? undefined : s.axes.rows[row], predicted = column < 0 ? undefined : s.axes.columns[column];
  if (label < 0) return null; // a link cannot name it: -1 means invalid
  const i = s.model.cells.get(cellKey(label, predicted));
  if (row >= 0 && column >= 0) return i !== undefined && s.model.count[i] ? { label, predicted } : null;
  if (row >= 0) return s.model.row.get(label) ? { label } : null;
  return s.model.column.get(predicted) || s.model.unlabelled[predicted] ? { predicted } : null;
}

function showTip(s, at, x, y) {
  s.tip.hidden = !at;
  if (!at) return;
  const [title, ...lines] = s.describe(at);
  s.tip.replaceChildren(element("b", { text: title }), ...lines.map((text) => element("span", { text })));
  const { width, height } = s.place, right = x + 16 + s.tip.offsetWidth > s.stage.parentElement.clientWidth;
  s.tip.style.left = `${right ? Math.max(0, x - 14 - s.tip.offsetWidth) : x + 16}px`;
  s.tip.style.top = `${clamp(y + 18, 0, Math.max(0, height + 40 - s.tip.offsetHeight))}px`;
}

function startDrag(s, e) {
  if (e.button || !s.zoomable) return;
  const [x, y] = spot(s, e), pan = e.shiftKey || x < s.place.left || y < s.place.top;
  s.drag = { x, y, pan, view: { ...s.view }, id: e.pointerId };
}

function dragTo(s, e) {
  const [x, y] = spot(s, e), { drag, place } = s;
  if (!drag.moved && Math.hypot(x - drag.x, y - drag.y) < DRAG_FROM) return;
  if (!drag.moved) s.stage.setPointerCapture(drag.id);
  drag.moved = true;
  s.tip.hidden = true;
  if (drag.pan) {
    const size = cellSize(s);
    zoomTo(s, drag.view.x - (x - drag.x) / size, drag.view.y - (y - drag.y) / size, s.view.span);
    s.repaint();
    return;
  }
  const inX = (v) => clamp(v, place.left, place.left + place.side), inY = (v) => clamp(v, place.top, place.top + place.side);
  const [x0, x1] = [inX(drag.x), inX(x)].sort((a, b) => a - b), [y0, y1] = [inY(drag.y), inY(y)].sort((a, b) => a - b);
  s.box = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
  paintOver(s);
}

function endDrag(s, e) {
  const { drag, box } = s;
  s.drag = s.box = null;
  if (!drag?.moved) return;
  s.dragged = true; // the click that follows belongs to the drag
  setTimeout(() => { s.dragged = false; }, 0);
  if (box && Math.max(box.width, box.height) > DRAG_FROM) {
    const [x, y] = inCells(s, box.x, box.y), [right, bottom] = inCells(s, box.x + box.width, box.y + box.height);
    const span = Math.max(right - x, bottom - y, Math.min(LEAST_SPAN, s.place.most));
    zoomTo(s, (x + right - span) / 2, (y + bottom - span) / 2, span);
  }
  s.repaint();
  s.target = null;
  pointAt(s, e);
}

function click(s, e) {
  if (s.dragged) { e.preventDefault(); return; }
  if (e.button || e.ctrlKey || e.metaKey || e.shiftKey) return;
  e.preventDefault();
  const at = hit(s, ...spot(s, e));
  if (at) open(s, at);
}

function open(s, at) {
  const fields = fieldsOf(s, at);
  if (fields) s.linkTo(fields).open();
  else s.status.textContent = `${s.describe(at)[0]}: no images to open`;
}

function wheel(s, e) {
  if (!s.zoomable || e.ctrlKey) return;
  const [x, y] = spot(s, e);
  if (x < s.place.left || y < s.place.top || x > s.place.left + s.place.side || y > s.place.top + s.place.side) return;
  const all = s.view.span >= s.place.most;
  if (all && e.deltaY > 0) return;
  e.preventDefault();
  const sideways = e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY);
  if (sideways) zoomTo(s, s.view.x + (e.deltaX || e.deltaY) / cellSize(s), s.view.y, s.view.span);
  else zoomAt(s, Math.exp(clamp(e.deltaY, -120, 120) / 400), ...inCells(s, x, y));
  s.repaint();
  s.target = null;
  pointAt(s, e);
}

export function zoomBy(s, factor) {
  zoomAt(s, factor, s.view.x + s.view.span / 2, s.view.y + s.view.span / 2);
  s.repaint();
}

export function showAll(s) {
  zoomTo(s, 0, 0, s.place.most);
  s.repaint();
}

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], PageUp: [-10, 0], PageDown: [10, 0] };

function press(s, e) {
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  const step = STEPS[e.key], now = s.focus || { row: 0, column: 0 };
  if (step) focusOn(s, { row: now.row + step[0], column: now.column + step[1] });
  else if (e.key === "Home") focusOn(s, { ...now, column: 0 });
  else if (e.key === "End") focusOn(s, { ...now, column: s.axes.columns.length - 1 });
  else if (e.key === "Enter") open(s, now);
  else if (s.zoomable && (e.key === "+" || e.key === "-")) zoomBy(s, e.key === "+" ? 0.7 : 1.4);
  else if (s.zoomable && (e.key === "0" || e.key === "Escape")) showAll(s);
  else return;
  e.preventDefault();
}

function focusOn(s, { row, column }) {
  const next = { row: clamp(row, -1, s.axes.rows.length - 1), column: clamp(column, -1, s.axes.columns.length - 1) };
  if (next.row < 0 && next.column < 0) return;
  s.focus = next;
  s.target = null;
  s.tip.hidden = true;
  const { x, y } = s.view;
  reveal(s, next);
  if (s.view.x !== x || s.view.y !== y) s.repaint();
  else paintOver(s);
  s.status.textContent = s.describe(next).join(", ");
}
