// The confusion matrix component: it draws the matrix of an epoch, fetches those of other epochs by itself, and updates
// the state of the page. Data that were made before the latest change here are skipped: newer ones are on their way.

import { Cards } from "../../browser/cards.js";
import { ComponentState } from "../../browser/component_state.js";
import { applyPalette, element } from "../../browser/dom.js";
import { decode } from "../../browser/link.js";
import { linkTo } from "../../browser/navigation.js";
import { ramps } from "./canvas/colours.js";
import { listen } from "./canvas/input.js";
import { layOut } from "./canvas/layout.js";
import { paint, paintOver } from "./canvas/paint.js";
import { Epochs } from "./epochs.js";
import { axes, buildModel, describe } from "./model.js";
import { cards, classTable, pairList } from "./panels.js";
import { legend, toolbar } from "./toolbar.js";

const mounted = new WeakMap();
const HELP = "Arrow keys move between cells; left of the first column are the labels, above the first row the predicted "
  + "classes. Enter opens the images. Plus and minus zoom, 0 shows all.";
const FIELDS = ["normalize", "diagonal", "order"]; // of the view, drawn here without the page
const BESIDE_FROM = 900, BESIDE = 354; // pixels of the root, and what the list beside the matrix takes of them

export function mount({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".confusion");
  const s = mounted.get(root) || create(root);
  mounted.set(root, s);
  s.state.receive(data, (update) => setStateValue("update", update));
  if (s.state.isSettled) adopt(s, data);
  return () => {
    s.state.close();
    s.epochs.close();
    s.watch.disconnect();
    s.removed.abort();
    mounted.delete(root);
  };
}

function create(root) {
  const base = element("canvas", { "aria-hidden": "true" }), over = element("canvas", { class: "over", "aria-hidden": "true" });
  const link = element("a", { class: "target", tabindex: "-1", draggable: "false", "aria-hidden": "true" });
  const stage = element("div", {
    class: "stage", tabindex: 0, role: "application", "aria-roledescription": "confusion matrix", "aria-describedby": "help",
  }, base, over, link);
  const status = element("div", { class: "hidden", role: "status", "aria-live": "polite" });
  const tip = element("div", { class: "tip", hidden: true, "aria-hidden": "true" });
  const parts = { toolbar: element("div"), pairs: element("div", { class: "side" }), legend: element("div"), table: element("div") };
  const s = {
    root, base, over, link, stage, status, tip, parts,
    cards: new Cards(),
    state: new ComponentState(),
    pool: document.createElement("canvas"),
    removed: new AbortController(),
    view: { x: 0, y: 0, span: 0 }, // the part of the matrix that is visible, in cells
    local: { ...decode({}, FIELDS), tab: "risen" },
    sorting: { column: "class", falling: false },
  };
  root.replaceChildren(s.cards.element, parts.toolbar,
    element("div", { class: "body" }, element("div", { class: "frame" }, stage, parts.legend, tip), parts.pairs),
    parts.table, element("p", { class: "hidden", id: "help", text: HELP }), status);
  bind(s);
  listen(s);
  s.epochs = new Epochs(s);
  s.watch = new ResizeObserver(() => { if (s.model && widthOf(s) !== s.width) draw(s); });
  s.watch.observe(root);
  return s;
}

// What the parts may ask of the whole.
function bind(s) {
  // Changes what is drawn here, and the view.
  s.set = (fields) => { Object.assign(s.local, fields); draw(s); s.update(fields); };
  // Changes the view; the page responds with other data.
  s.update = (fields) => { s.state.change(fields); s.state.send(); };
  s.redraw = () => draw(s);
  s.setTab = (tab) => { s.local.tab = tab; s.parts.pairs.replaceChildren(pairList(s)); };
  s.sortBy = (column) => {
    const again = s.sorting.column === column;
    s.sorting = { column, falling: again ? !s.sorting.falling : column === "support" || column === "predicted" };
    s.parts.table.replaceChildren(classTable(s));
    s.parts.table.querySelector("[aria-sort=ascending] button, [aria-sort=descending] button").focus();
  };
  s.linkTo = (fields) => linkTo(s.data.link, { epoch: s.model.epoch, ...fields }, s.root);
  s.pointAt = (cell) => {
    s.target = cell && { row: s.rowPlace.get(cell.label), column: s.columnPlace.get(cell.predicted) };
    if (s.model) paintOver(s);
  };
  s.describe = ({ row, column }) =>
    describe(s.model, row < 0 ? null : s.axes.rows[row], column < 0 ? null : s.axes.columns[column], s.data.compare.text);
  s.repaint = () => { layOut(s); paint(s); };
  s.show = (matrix) => { s.model = buildModel(matrix); draw(s); drawLists(s); s.epochs.announce(); };
}

function adopt(s, data) {
  const moved = s.data?.subject !== data.subject;
  s.data = data;
  Object.assign(s.local, decode(data.view, FIELDS));
  if (moved) { s.view = { x: 0, y: 0, span: 0 }; s.focus = s.target = null; }
  s.epochs.reset();
  if (s.model && drawingKey(s, data.now.epoch) === s.drawn) s.epochs.announce();
  else s.show(data.now);
}

// All that a drawing is made of. The response to a change often repeats what is drawn; then nothing is touched.
function drawingKey(s, epoch) {
  const { play, compare, samples, palette } = s.data;
  return JSON.stringify([play.url.replace("{epoch}", epoch), compare, samples, palette, FIELDS.map((name) => s.local[name])]);
}

const widthOf = ({ root }) => Math.floor(root.clientWidth > BESIDE_FROM ? root.clientWidth - BESIDE : root.clientWidth);

function draw(s) {
  const { palette } = s.data;
  s.fontFamily = getComputedStyle(s.root).getPropertyValue("--st-font") || "sans-serif";
  s.palette = palette;
  if (s.rampsFor !== palette.surface) { s.colours = ramps(palette); s.rampsFor = palette.surface; }
  applyPalette(s.root, palette, s.data.theme);
  const before = s.axes;
  s.axes = axes(s.model, s.local.order);
  s.rowPlace = new Map(s.axes.rows.map((code, at) => [code, at]));
  s.columnPlace = new Map(s.axes.columns.map((code, at) => [code, at]));
  if (before && s.focus) s.focus = moveFocus(s, before, s.focus);
  s.width = widthOf(s);
  s.drawn = drawingKey(s, s.model.epoch);
  s.repaint();
  s.stage.setAttribute("aria-label", `Confusion matrix, ${s.model.classes} classes, ${s.data.split}, epoch ${s.model.epoch + 1}`);
  keepFocus(s.parts.toolbar, () => s.parts.toolbar.replaceChildren(toolbar(s)));
  s.parts.legend.replaceChildren(legend(s));
  s.parts.pairs.style.setProperty("--side-height", `${s.place.height}px`);
  Object.assign(s.root.dataset, { epoch: s.model.epoch, left: s.place.left, top: s.place.top, side: s.place.side });
}

// What stands around the matrix; it does not depend on how the matrix is drawn.
function drawLists(s) {
  s.cards.update(cards(s));
  s.parts.pairs.replaceChildren(pairList(s));
  s.parts.table.replaceChildren(classTable(s));
}

// The place of the focused cell in the new order of the classes.
function moveFocus(s, before, { row, column }) {
  const place = (codes, places, at) => (at < 0 ? at : places.get(codes[at]) ?? 0);
  return { row: place(before.rows, s.rowPlace, row), column: place(before.columns, s.columnPlace, column) };
}

// Redraws a part without losing the place of the keyboard in it.
function keepFocus(part, redraw) {
  const controls = () => [...part.querySelectorAll("button, select, a")];
  const at = controls().indexOf(part.getRootNode().activeElement);
  redraw();
  if (at >= 0) controls()[at]?.focus();
}
