// The controls over the matrix and the key to its colours.

import { el, segments, select } from './elements.js';
import { showAll, zoomBy } from './input.js';
import { percent, whole } from './model.js';

const SHOWN = [['counts', 'Counts'], ['label', 'By label'], ['prediction', 'By prediction']];
const ORDERS = [['index', 'Index order'], ['frequency', 'Most frequent first'], ['cluster', 'Confused together']];

export function toolbar(s) {
  const { local } = s;
  return el('div', { class: 'toolbar' },
    segments('Show', SHOWN, local.normalize, (normalize) => s.set({ normalize })),
    toggle('Correct cells', local.diagonal, (diagonal) => s.set({ diagonal })),
    select('Order of the classes', ORDERS, local.order, (order) => s.set({ order })),
    ...comparison(s),
    el('span', { class: 'space' }),
    s.epochs.problem ? el('span', { class: 'bad', role: 'alert' }, s.epochs.problem) : null,
    ...(s.zoomable ? zoomButtons(s) : []));
}

function toggle(text, on, change) {
  const box = el('input', { type: 'checkbox', onchange: (e) => change(e.target.checked) });
  box.checked = on;
  return el('label', { class: 'toggle', title: 'Show the diagonal' }, box, text);
}

/** What to show the difference to: nothing, an epoch of this run, or another run. */
function comparison(s) {
  const { run, epoch, runs } = s.data.compare, chosen = runs.find((r) => r.id === run);
  const choices = [['', 'No comparison'], ...runs.map((r) => [r.id, `Compare: ${r.own ? 'this run' : r.title}`])];
  const first = select('Compare with', choices, run ?? '', (id) => {
    const other = runs.find((r) => r.id === id);
    if (!other) s.ask({ compare_run: null, compare_epoch: null });
    else if (other.own) s.ask({ compare_run: null, compare_epoch: earlier(other.epochs, s.model.epoch) });
    else s.ask({ compare_run: id, compare_epoch: other.epochs.at(-1) });
  });
  if (!chosen) return [first];
  const epochs = chosen.epochs.map((e) => [String(e), `epoch ${e + 1}`]);
  const ask = (e) => s.ask({ compare_run: chosen.own ? null : run, compare_epoch: Number(e) });
  return [first, select('Epoch compared with', epochs, String(epoch), ask)];
}

const earlier = (epochs, now) => epochs.filter((e) => e < now).at(-1) ?? epochs[0];

const button = (text, name, onclick) => el('button', { type: 'button', class: 'icon', 'aria-label': name, title: name, onclick }, text);

const zoomButtons = (s) => [
  button('−', 'Zoom out', () => zoomBy(s, 1.5)),
  button('+', 'Zoom in (wheel, or drag a box)', () => zoomBy(s, 0.66)),
  button('⤢', 'Show all classes', () => showAll(s)),
];

/** The ramps with what their ends mean. */
export function legend(s) {
  const { scale, colours, model, local } = s, unit = model.compared ? 'pp' : '%';
  const show = (v) => (local.normalize === 'counts' ? whole(Math.round(v)) : percent(v, v < 0.0995 ? 1 : 0).replace('%', unit));
  const items = [];
  if (model.compared) {
    for (const name of ['better', 'worse']) items.push(strip(name, colours[name], '0', show(scale.wrong)));
  } else {
    if (local.diagonal) items.push(strip('✓ correct', colours.correct, '0', show(scale.correct)));
    items.push(strip('✕ wrong', colours.wrong, '0', show(scale.wrong)));
    if (model.columns.includes(-1)) items.push(strip('⚠ invalid', colours.invalid, '0', show(scale.wrong)));
  }
  const { logged, available } = s.data.samples;
  const part = available > logged ? `${whole(logged)} of ${whole(available)} samples were logged. ` : '';
  const hint = s.zoomable ? 'Wheel or drag a box to zoom, shift-drag to move. ' : '';
  return el('div', { class: 'legend' }, ...items, el('span', { class: 'muted' }, `${part}${hint}Click a cell, a label or a predicted class to open its images.`));
}

/** Drawn as the cells are: the square root of the value. */
function strip(name, colours, low, high) {
  const stops = Array.from({ length: 9 }, (_, i) => `rgb(${colours[Math.round((0.06 + 0.94 * Math.sqrt(i / 8)) * 255)]})`);
  const bar = el('span', { class: 'strip' });
  bar.style.background = `linear-gradient(90deg, ${stops.join(',')})`;
  return el('span', { class: 'key' }, el('b', {}, name), low, bar, high);
}
