// The confusion matrix component: what it holds, what it hears, what it tells the page.
//
// Whatever changes here gets the next number (`seq`) and is told to Python together; Python sends back the
// highest number it has taken in (`ack`). Data with a lower number was made before the latest click and is
// passed over: the answer to that click is on its way.

import { ramps } from './colours.js';
import { el } from './elements.js';
import { makeEpochs } from './epochs.js';
import { listen } from './input.js';
import { layOut } from './layout.js';
import { axes, buildModel, describe, INVALID } from './model.js';
import { paint, paintOver } from './paint.js';
import { cards, pairs, table } from './panels.js';
import { legend, toolbar } from './toolbar.js';

const mounted = new WeakMap();
const HELP = 'Arrow keys move between cells; left of the first column are the labels, above the first row the predicted '
  + 'classes. Enter opens the images. Plus and minus zoom, 0 shows all.';
const LOCAL = ['normalize', 'diagonal', 'order'];

export function mount(component) {
  const root = component.parentElement.querySelector('.confusion');
  const s = mounted.get(root) || create(root);
  mounted.set(root, s);
  s.tell = component.setStateValue;
  if (component.data.ack >= s.seq) take(s, component.data);
  return () => {
    s.epochs.close();
    s.watch.disconnect();
    s.gone.abort();
    mounted.delete(root);
  };
}

function create(root) {
  const base = el('canvas', { 'aria-hidden': 'true' }), over = el('canvas', { class: 'over', 'aria-hidden': 'true' });
  const link = el('a', { class: 'target', tabindex: '-1', draggable: 'false', 'aria-hidden': 'true' });
  const help = el('p', { class: 'hidden', id: 'help' }, HELP);
  const stage = el('div', { class: 'stage', tabindex: '0', role: 'application', 'aria-describedby': 'help' }, base, over, link);
  stage.setAttribute('aria-roledescription', 'confusion matrix');
  const said = el('div', { class: 'hidden', role: 'status', 'aria-live': 'polite' }), tip = el('div', { class: 'tip', hidden: true, 'aria-hidden': 'true' });
  const parts = { cards: el('div'), toolbar: el('div'), pairs: el('div', { class: 'side' }), legend: el('div'), table: el('div') };
  const frame = el('div', { class: 'frame' }, stage, parts.legend, tip);
  root.replaceChildren(parts.cards, parts.toolbar, el('div', { class: 'body' }, frame, parts.pairs), parts.table, help, said);
  const s = {
    root, base, over, link, stage, said, tip, parts,
    pool: document.createElement('canvas'),
    gone: new AbortController(),
    seq: 0,
    view: { x: 0, y: 0, span: 0 }, // In cells.
    local: { tab: 'risen' },
    sorting: { column: 'class', falling: false },
  };
  bind(s);
  listen(s);
  s.epochs = makeEpochs(s);
  s.watch = new ResizeObserver(() => { if (s.model && roomFor(s) !== s.width) draw(s); });
  s.watch.observe(root);
  return s;
}

/** What the parts may ask of the whole. */
function bind(s) {
  s.set = (fields) => { Object.assign(s.local, fields); draw(s); report(s, fields); };
  s.ask = (fields) => report(s, fields);
  s.hold = () => { s.seq += 1; };
  s.redraw = () => draw(s);
  s.setTab = (tab) => { s.local.tab = tab; fill(s.parts.pairs, pairs(s)); };
  s.sortBy = (column) => {
    const same = s.sorting.column === column;
    s.sorting = { column, falling: same ? !s.sorting.falling : column === 'support' || column === 'predicted' };
    fill(s.parts.table, table(s));
    s.parts.table.querySelector('[aria-sort=ascending] button, [aria-sort=descending] button').focus();
  };
  s.linkTo = (fields) => {
    const filter = { epoch: s.model.epoch + 1, ...fields };
    if (filter.predicted === INVALID) filter.predicted = 'invalid';
    const query = new URLSearchParams({ ...s.data.link.query, ...filter });
    const href = `${s.data.link.page}?${query}`;
    return { href, open: () => follow(s, href) };
  };
  s.point = (to) => {
    s.target = to && { row: s.rowPlace.get(to.label), column: s.columnPlace.get(to.predicted) };
    if (s.model) paintOver(s);
  };
  s.describe = ({ row, column }) => describe(s.model, row < 0 ? null : s.axes.rows[row], column < 0 ? null : s.axes.columns[column], s.data.compare.text);
  s.repaint = () => { layOut(s); paint(s); };
  s.show = (now) => { s.model = buildModel(now); draw(s); drawLists(s); s.epochs.shown(); };
}

/** Go to another page of the app as its Back button does: in the same session, with one entry in the history. */
function follow(s, href) {
  const goal = new URL(href, document.baseURI);
  window.history.pushState(null, '', goal);
  window.dispatchEvent(new PopStateEvent('popstate', { state: null }));
  setTimeout(() => { if (s.root.isConnected) window.location.reload(); }, 8000); // Not heard: load it.
}

function report(s, changed) {
  const fields = { ...s.epochs.untold(), ...changed };
  s.seq += 1;
  s.told = s.told && s.data.ack < s.told.seq ? { ...s.told, ...fields, seq: s.seq } : { ...fields, seq: s.seq };
  s.tell('told', s.told);
}

function take(s, data) {
  const other = !s.data || s.data.subject !== data.subject;
  s.data = data;
  s.seq = data.ack;
  for (const name of LOCAL) s.local[name] = data.view[name];
  if (other) { s.view = { x: 0, y: 0, span: 0 }; s.focus = s.target = null; }
  if (s.epochs.passing && !other) return;
  s.epochs.taken(data.pinned);
  if (s.model && shownAs(s, data.now.epoch) === s.shown) s.epochs.shown();
  else s.show(data.now);
}

/** All that a drawing is made of: the answer to a click says again what is shown, and then nothing is touched. */
function shownAs(s, epoch) {
  const { play, compare, samples, palette } = s.data;
  return JSON.stringify([play.url.replace('{epoch}', epoch), compare, samples, palette, LOCAL.map((name) => s.local[name])]);
}

const roomFor = (s) => Math.floor(s.root.clientWidth > 900 ? s.root.clientWidth - 330 - 24 : s.root.clientWidth);
const fill = (place, content) => place.replaceChildren(content);

function draw(s) {
  const style = getComputedStyle(s.root);
  s.fontFamily = style.getPropertyValue('--st-font') || 'sans-serif';
  s.palette = s.data.palette;
  if (s.rampsOf !== s.palette.surface) { s.colours = ramps(s.palette); s.rampsOf = s.palette.surface; }
  for (const [name, colour] of Object.entries(s.palette)) s.root.style.setProperty(`--${name}`, colour);
  const before = s.axes;
  s.axes = axes(s.model, s.local.order);
  s.rowPlace = new Map(s.axes.rows.map((code, at) => [code, at]));
  s.columnPlace = new Map(s.axes.columns.map((code, at) => [code, at]));
  if (before && s.focus) s.focus = moved(s, before, s.focus);
  s.width = roomFor(s);
  s.shown = shownAs(s, s.model.epoch);
  s.repaint();
  s.stage.setAttribute('aria-label', `Confusion matrix, ${s.model.classes} classes, ${s.data.split}, epoch ${s.model.epoch + 1}`);
  keepFocus(s.parts.toolbar, () => fill(s.parts.toolbar, toolbar(s)));
  fill(s.parts.legend, legend(s));
  s.parts.pairs.style.setProperty('--side-height', `${s.place.height}px`);
  Object.assign(s.root.dataset, { epoch: s.model.epoch, left: s.place.left, top: s.place.top, side: s.place.side });
}

/** What stands around the matrix: the same however the matrix is drawn. */
function drawLists(s) {
  fill(s.parts.cards, cards(s));
  fill(s.parts.pairs, pairs(s));
  fill(s.parts.table, table(s));
}

/** The focused cell's place in the new order of the classes. */
function moved(s, before, { row, column }) {
  const place = (codes, places, at) => (at < 0 ? at : places.get(codes[at]) ?? 0);
  return { row: place(before.rows, s.rowPlace, row), column: place(before.columns, s.columnPlace, column) };
}

/** Redraw a part without losing the keyboard's place in it. */
function keepFocus(part, redraw) {
  const controls = () => [...part.querySelectorAll('button, select, a')];
  const at = controls().indexOf(part.getRootNode().activeElement);
  redraw();
  if (at >= 0) controls()[at]?.focus();
}
