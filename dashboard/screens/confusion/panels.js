// What stands around the matrix: the cards, the list of pairs, the table of classes.

import { el, fillAsScrolled, inner, segments } from './elements.js';
import { images, nameOf, percent, signed, whole } from './model.js';

const PAIR_HEIGHT = 29, LINE_HEIGHT = 30; // As the style sheet has them.
const points = (change) => `${signed((100 * Math.abs(change)).toFixed(1), change)} pp`;
const between = (low, high) => (low === null ? '' : `95 %: ${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}`);

/** Cards over the matrix: what is true of the whole split at this epoch. */
export function cards(s) {
  const { summary } = s.model, was = summary.before;
  const rose = was && was.accuracy !== null && summary.accuracy !== null ? summary.accuracy - was.accuracy : null;
  const shown = [
    card('Accuracy', summary.accuracy === null ? '–' : percent(summary.accuracy), [
      between(summary.accuracy_low, summary.accuracy_high),
      rose === null ? null : change(points(rose), rose, 1),
    ]),
    counted(s, 'wrong', '✕', 'Wrong', summary.wrong, was && was.wrong, `of ${whole(summary.labelled)} labelled`),
    counted(s, 'invalid', '⚠', 'Invalid', summary.invalid, was && was.invalid, 'NaN or infinite output'),
  ];
  if (summary.unlabelled) shown.push(counted(s, 'unlabelled', '–', 'Unlabelled', summary.unlabelled, null, 'not in the matrix'));
  const [worst] = s.model.pairs;
  shown.push(worst ? pairCard(s, worst) : card('Most confused', '–', ['no mistakes']));
  return el('div', { class: 'cards' }, ...shown);
}

function pairCard(s, pair) {
  const link = s.linkTo({ label: pair.label, predicted: pair.predicted });
  return card('Most confused', pairName(s, pair), [images(pair.count), `${percent(pair.of_label)} of its label`], link);
}

function counted(s, verdict, sign, title, n, was, note) {
  const by = n - (was ?? n);
  const notes = [note, by ? change(signed(whole(Math.abs(by)), by), by, -1) : null];
  const link = n ? s.linkTo({ verdict }) : null;
  const made = card(title, whole(n), notes, link);
  made.querySelector('.title').prepend(el('span', { class: 'sign ' + (n ? verdict : 'none'), 'aria-hidden': 'true' }, sign));
  return made;
}

function card(title, value, notes, link = null) {
  const inside = [
    el('span', { class: 'title' }, title),
    el('span', { class: 'value', title: typeof value === 'string' ? value : null }, value),
    el('span', { class: 'notes' }, ...notes.filter(Boolean).map((note) => (typeof note === 'string' ? el('span', {}, note) : note))),
  ];
  return link ? inner(link.href, link.open, { class: 'card linked' }, ...inside) : el('div', { class: 'card' }, ...inside);
}

const change = (text, by, good) => el('span', { class: by === 0 ? 'same' : by * good > 0 ? 'good' : 'bad' }, text);
const pairName = (s, pair) => `${nameOf(s.model, pair.label, false)} → ${nameOf(s.model, pair.predicted, true)}`;

/** The list beside the matrix: most confused pairs, or what rose since the epoch or run compared with. */
export function pairs(s) {
  const { model, local } = s, tab = model.compared ? local.tab : 'pairs';
  const lists = { pairs: model.pairs, risen: model.risen, fallen: model.fallen }, rows = lists[tab];
  const all = tab === 'pairs' ? model.summary.pairs : rows.length;
  const tabs = model.compared
    ? segments('List', [['pairs', 'Most confused'], ['risen', 'Risen'], ['fallen', 'Fallen']], tab, (value) => s.setTab(value))
    : el('h3', {}, 'Most confused pairs');
  const most = Math.max(1e-9, ...rows.map((r) => weight(r, tab)));
  const list = el('ol', { class: 'pairs' });
  fillAsScrolled(list, list, rows, (row) => el('li', {}, pair(s, row, tab, most)), PAIR_HEIGHT);
  const said = listSize(rows.length, all, tab);
  return el('section', { class: 'panel', 'aria-label': 'Pairs of classes' }, tabs, list, el('p', { class: 'muted' }, said));
}

function listSize(shown, all, tab) {
  if (!shown) return tab === 'pairs' ? 'No confusion at all.' : 'None.';
  if (shown < all) return `The first ${whole(shown)} of ${whole(all)} pairs.`;
  return `${whole(all)} ${all === 1 ? 'pair' : 'pairs'}.`;
}

const weight = (row, tab) => (tab === 'pairs' ? row.count : Math.abs(row.rise));

function pair(s, row, tab, most) {
  const to = { label: row.label, predicted: row.predicted }, link = s.linkTo(to);
  const figure = tab === 'pairs' ? whole(row.count) : points(row.rise);
  const small = tab === 'pairs' ? percent(row.of_label) : `${whole(row.before)} → ${whole(row.count)}`;
  const bar = el('span', { class: 'bar' });
  bar.style.width = `${(100 * weight(row, tab)) / most}%`;
  const on = () => s.point(to), off = () => s.point(null);
  const over = { onmouseenter: on, onmouseleave: off, onfocus: on, onblur: off };
  const inside = [bar, el('span', { class: 'names', title: pairName(s, row) }, pairName(s, row)), el('b', {}, figure), el('small', {}, small)];
  const title = tab === 'pairs' ? `${percent(row.of_label)} of the label, ${percent(row.of_predicted)} of the predicted class` : null;
  return row.count
    ? inner(link.href, link.open, { class: `pair ${tab}`, title, ...over }, ...inside)
    : el('div', { class: `pair ${tab}`, ...over }, ...inside);
}

const COLUMNS = [
  ['class', 'Class'], ['support', 'Support'], ['recall', 'Recall'], ['precision', 'Precision'], ['f1', 'F1'], ['predicted', 'Predicted'],
];

/** One line for each class, sortable; a line opens the samples of that label. */
export function table(s) {
  const { table: t } = s.model, { column, falling } = s.sorting;
  const order = t.class.map((_, i) => i);
  const key = column === 'class' ? (i) => i : (i) => t[column][i];
  order.sort((a, b) => compare(key(a), key(b), falling) || a - b);
  const heads = COLUMNS.map(([name, title]) => {
    const sorted = name === column ? (falling ? 'descending' : 'ascending') : 'none';
    const mark = name === column ? (falling ? ' ↓' : ' ↑') : '';
    return el('th', { scope: 'col', 'aria-sort': sorted }, el('button', { type: 'button', onclick: () => s.sortBy(name) }, title + mark));
  });
  const body = el('tbody'), head = el('thead', {}, el('tr', {}, ...heads));
  const scroller = el('div', { class: 'scroll' }, el('table', { 'aria-rowcount': String(order.length + 1) }, head, body));
  fillAsScrolled(scroller, body, order, (i) => tableLine(s, t, i), LINE_HEIGHT);
  return el('section', { class: 'classes', 'aria-label': 'Classes' },
    el('h3', {}, `${whole(order.length)} classes`),
    el('p', { class: 'muted' }, 'Bars show the value, whiskers its 95 % Wilson interval. A class opens its samples.'),
    scroller);
}

function compare(a, b, falling) {
  if (a === null || b === null) return (a === null) - (b === null);
  return falling ? b - a : a - b;
}

function tableLine(s, t, i) {
  const code = t.class[i], name = nameOf(s.model, code, false), link = t.support[i] ? s.linkTo({ label: code }) : null;
  const title = link ? inner(link.href, link.open, { title: name }, name) : el('span', { title: name }, name);
  const cells = ['recall', 'precision', 'f1'].map((kind) =>
    el('td', { class: 'share' }, meter(t[kind][i], t[`${kind}_low`][i], t[`${kind}_high`][i])));
  return el('tr', {}, el('th', { scope: 'row' }, title), el('td', {}, whole(t.support[i])), ...cells, el('td', {}, whole(t.predicted[i])));
}

/** A value of 0 to 1 as a bar with the whisker of its interval. */
function meter(value, low, high) {
  if (value === null) return el('span', { class: 'muted' }, '–');
  const bar = el('i', { class: 'fill' }), whisker = el('i', { class: 'whisker' });
  bar.style.width = `${100 * value}%`;
  whisker.style.left = `${100 * low}%`;
  whisker.style.width = `${100 * (high - low)}%`;
  const interval = `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}`;
  return el('span', { class: 'meter', title: `95 %: ${interval} %` },
    el('b', {}, (100 * value).toFixed(1)), el('span', { class: 'track' }, bar, whisker), el('small', {}, interval));
}
