// What stands around the matrix: the cards, the list of pairs, the table of classes.

import { element } from "../../browser/dom.js";
import { accuracyCard, mostConfusedCard, verdictCard, wrongCard } from "../../browser/epoch_cards.js";
import { count, fixed, percent, plural, points, signed } from "../../browser/format.js";
import { anchor } from "../../browser/navigation.js";
import { nameOf } from "./model.js";
import { fillAsScrolled, segments } from "./widgets.js";

const PAIR_HEIGHT = 29, LINE_HEIGHT = 30; // pixels, as in the style sheet

// The cards of the whole split at this epoch. Changes are since the epoch or run compared with, else since the previous
// epoch.
export function cards(s) {
  const { model, data } = s, { summary } = model;
  const at = data.totals.findIndex(({ epoch }) => epoch === model.epoch);
  const context = {
    now: summary, before: summary.before ?? data.totals[at - 1] ?? null,
    since: summary.before ? data.compare.text : "the previous epoch", totals: at < 0 ? [] : data.totals, at,
    className: (kind, k) => nameOf(model, k, kind === "predicted"), link: s.linkTo,
  };
  return [
    accuracyCard(context), wrongCard(context), verdictCard("invalid", context, "NaN or infinite output"),
    summary.unlabelled ? { ...verdictCard("unlabelled", context, "not in the matrix"), change: null } : null, mostConfusedCard(context),
  ];
}

const pairName = ({ model }, pair) => `${nameOf(model, pair.label, false)} → ${nameOf(model, pair.predicted, true)}`;

// The list beside the matrix: most confused pairs, or those that rose or fell against the epoch or run compared with.
export function pairList(s) {
  const { model, local } = s, tab = model.compared ? local.tab : "pairs";
  const rows = { pairs: model.pairs, risen: model.risen, fallen: model.fallen }[tab];
  const all = tab === "pairs" ? model.summary.pairs : rows.length;
  const tabs = model.compared
    ? segments("List", [["pairs", "Most confused"], ["risen", "Risen"], ["fallen", "Fallen"]], tab, (value) => s.setTab(value))
    : element("h3", { text: "Most confused pairs" });
  const most = Math.max(1e-9, ...rows.map((row) => weight(row, tab)));
  const list = element("ol", { class: "pairs" });
  fillAsScrolled(list, list, rows, (row) => element("li", {}, pairLine(s, row, tab, most)), PAIR_HEIGHT);
  return element("section", { class: "panel", "aria-label": "Pairs of classes" }, tabs, list,
    element("p", { class: "muted", text: listSize(rows.length, all, tab) }));
}

function listSize(shown, all, tab) {
  if (!shown) return tab === "pairs" ? "No confusion at all." : "None.";
  return shown < all ? `The first ${count(shown)} of ${count(all)} pairs.` : `${plural(all, "pair")}.`;
}

const weight = (row, tab) => (tab === "pairs" ? row.count : Math.abs(row.rise));

function pairLine(s, row, tab, most) {
  const cell = { label: row.label, predicted: row.predicted }, name = pairName(s, row);
  const figure = tab === "pairs" ? count(row.count) : signed(row.rise, points);
  const small = tab === "pairs" ? percent(row.of_label) : `${count(row.before)} → ${count(row.count)}`;
  const bar = element("span", { class: "bar" });
  bar.style.width = `${(100 * weight(row, tab)) / most}%`;
  const mark = () => s.pointAt(cell), unmark = () => s.pointAt(null);
  const attributes = { class: `pair ${tab}`, onmouseenter: mark, onmouseleave: unmark, onfocus: mark, onblur: unmark };
  const parts = [bar, element("span", { class: "names", title: name, text: name }), element("b", { text: figure }), element("small", { text: small })];
  const title = tab === "pairs" ? `${percent(row.of_label)} of the label, ${percent(row.of_predicted)} of the predicted class` : null;
  return row.count ? anchor(s.linkTo(cell), { ...attributes, title }, ...parts) : element("div", attributes, ...parts);
}

const COLUMNS = [
  ["class", "Class"], ["support", "Support"], ["recall", "Recall"], ["precision", "Precision"], ["f1", "F1"], ["predicted", "Predicted"],
];

// One line for each class, sortable; a class opens the samples of that label.
export function classTable(s) {
  const { table } = s.model, { column, falling } = s.sorting;
  const value = column === "class" ? (i) => i : (i) => table[column][i];
  const order = table.class.map((_, i) => i).sort((a, b) => compare(value(a), value(b), falling) || a - b);
  const body = element("tbody"), head = element("thead", {}, element("tr", {}, ...COLUMNS.map(([name, title]) => heading(s, name, title))));
  const scroller = element("div", { class: "scroll" }, element("table", { "aria-rowcount": order.length + 1 }, head, body));
  fillAsScrolled(scroller, body, order, (i) => classLine(s, table, i), LINE_HEIGHT);
  return element("section", { class: "classes", "aria-label": "Classes" },
    element("h3", { text: plural(order.length, "class", "classes") }),
    element("p", { class: "muted", text: "Bars show the value, whiskers its 95 % Wilson interval. A class opens its samples." }),
    scroller);
}

function heading(s, name, title) {
  const { column, falling } = s.sorting, sorted = name === column ? (falling ? "descending" : "ascending") : "none";
  const mark = { descending: " ↓", ascending: " ↑", none: "" }[sorted];
  return element("th", { scope: "col", "aria-sort": sorted },
    element("button", { type: "button", onclick: () => s.sortBy(name), text: title + mark }));
}

// Missing values come last.
function compare(a, b, falling) {
  if (a === null || b === null) return (a === null) - (b === null);
  return falling ? b - a : a - b;
}

function classLine(s, table, i) {
  const code = table.class[i], name = nameOf(s.model, code, false);
  const title = table.support[i] ? anchor(s.linkTo({ label: code }), { title: name }, name) : element("span", { title: name, text: name });
  const shares = ["recall", "precision", "f1"].map((kind) =>
    element("td", { class: "share" }, meter(table[kind][i], table[`${kind}_low`][i], table[`${kind}_high`][i])));
  return element("tr", {}, element("th", { scope: "row" }, title), element("td", { text: count(table.support[i]) }), ...shares,
    element("td", { text: count(table.predicted[i]) }));
}

// A value of 0 to 1 as a bar with its interval as a whisker.
function meter(value, low, high) {
  if (value === null) return element("span", { class: "muted", text: "–" });
  const bar = element("i", { class: "fill" }), whisker = element("i", { class: "whisker" });
  bar.style.width = `${100 * value}%`;
  whisker.style.left = `${100 * low}%`;
  whisker.style.width = `${100 * (high - low)}%`;
  const interval = `${fixed(100 * low, 1)}–${fixed(100 * high, 1)}`;
  return element("span", { class: "meter", title: `95 % interval: ${interval} %` },
    element("b", { text: fixed(100 * value, 1) }), element("span", { class: "track" }, bar, whisker), element("small", { text: interval }));
}
