// A matrix as the server sends it, made ready to draw: sums, values of the chosen kind, and the scale of its colours.

import { className, count, fixed, percent, plural, signed } from "../../browser/format.js";
import { clamp, STEPS } from "./canvas/colours.js";

export const INVALID = -1;
export const FAINTEST = 0.06; // a single sample must be visible beside none,
export const FAINTEST_DOT = 0.3; // and more so where it is a single pixel

// Axes, sums and an index of the cells of one epoch. matrix: see dashboard/reports/confusion_report.py
export function buildModel(matrix) {
  const { label, predicted, count: counts, before } = matrix;
  const sums = { row: new Map(), column: new Map(), rowBefore: new Map(), columnBefore: new Map() };
  const add = (map, key, n) => map.set(key, (map.get(key) || 0) + n);
  const cells = new Map();
  for (let i = 0; i < label.length; i++) {
    cells.set(cellKey(label[i], predicted[i]), i);
    add(sums.row, label[i], counts[i]);
    add(sums.column, predicted[i], counts[i]);
    if (before) {
      add(sums.rowBefore, label[i], before[i]);
      add(sums.columnBefore, predicted[i], before[i]);
    }
  }
  return { ...matrix, ...sums, cells, compared: Boolean(before) };
}

export const cellKey = (label, predicted) => `${label}|${predicted}`;

export const nameOf = (model, code, isColumn) =>
  isColumn && code === INVALID ? "invalid" : className(model.names, code);

// Class codes of rows and columns in the chosen order: declared classes permuted, the others at the end.
export function axes(model, order) {
  const declared = order === "index" ? null : model.orders[order];
  const arrange = (codes) => (declared ? [...declared, ...codes.slice(declared.length)] : codes);
  return { rows: arrange(model.rows), columns: arrange(model.columns) };
}

export const shareOf = (part, whole) => (whole ? part / whole : 0);

// One number for each cell: counts, shares (0 to 1), or the change of either.
export function valuesOf(model, normalize) {
  const { label, predicted, count: counts, before } = model;
  const value = (i, n, rows, columns) =>
    normalize === "label" ? shareOf(n, rows.get(label[i]))
      : normalize === "prediction" ? shareOf(n, columns.get(predicted[i])) : n;
  return Float64Array.from(label, (_, i) => {
    const now = value(i, counts[i], model.row, model.column);
    return before ? now - value(i, before[i], model.rowBefore, model.columnBefore) : now;
  });
}

// What the colours are scaled by: correct cells and errors apart, so that errors are visible beside them.
export function scaleOf(model, values, normalize, withCorrect) {
  const scale = { correct: 0, wrong: 0 };
  for (let i = 0; i < values.length; i++) {
    const kind = kindOf(model, i) === "correct" ? "correct" : "wrong";
    scale[kind] = Math.max(scale[kind], Math.abs(values[i]));
  }
  if (model.compared) scale.correct = scale.wrong = withCorrect ? Math.max(scale.correct, scale.wrong) : scale.wrong;
  else if (normalize !== "counts") scale.correct = 1;
  return scale;
}

export function kindOf(model, i) {
  if (model.predicted[i] === INVALID) return "invalid";
  return model.label[i] === model.predicted[i] ? "correct" : "wrong";
}

// The colour of cell `i`: [r, g, b]. The square root makes few samples visible beside many.
export function colourOf(model, colours, values, scale, i, faintest = FAINTEST) {
  const kind = kindOf(model, i), value = values[i];
  if (value === 0) return colours.surface;
  const most = kind === "correct" ? scale.correct : scale.wrong;
  const t = faintest + (1 - faintest) * Math.sqrt(Math.abs(value) / most);
  let name = kind;
  if (model.compared) name = (value > 0) === (kind === "correct") ? "better" : "worse";
  return colours[name][Math.round(clamp(t, 0, 1) * (STEPS - 1))];
}

// The text of a cell with `room` pixels: short, because many must fit.
export function cellText(model, normalize, value, room) {
  if (normalize === "counts") return model.compared ? signed(value) : count(value);
  const size = Math.abs(value), digits = size >= 0.0995 || room < 34 ? 0 : 1;
  const rounded = fixed(100 * size, digits), shown = rounded === "0" ? "<1" : rounded;
  return model.compared ? signed(value, () => shown) : shown + (room >= 44 ? " %" : "");
}

// Lines on a cell, a row (`column` null) or a column (`row` null), the name first.
export function describe(model, row, column, compareName) {
  const label = row === null ? "" : nameOf(model, row, false), predicted = column === null ? "" : nameOf(model, column, true);
  if (column === null) return [`label ${label}`, plural(model.row.get(row) || 0, "image"), recallText(model, row)];
  if (row === null) return [`predicted ${predicted}`, ...columnImages(model, column), precisionText(model, column)];
  const i = model.cells.get(cellKey(row, column)), n = i === undefined ? 0 : model.count[i];
  const lines = [
    `${label} → ${predicted}`,
    plural(n, "image"),
    `${percent(shareOf(n, model.row.get(row)))} of label ${label}`,
    `${percent(shareOf(n, model.column.get(column)))} of predicted ${predicted}`,
  ];
  if (model.compared) {
    const before = i === undefined ? 0 : model.before[i];
    lines.push(`${count(before)} in ${compareName} (${signed(n - before)})`);
  }
  return lines;
}

// A predicted class opens its unlabelled samples too, so they are counted with it.
function columnImages(model, column) {
  const unlabelled = model.unlabelled[column] || 0;
  return [plural((model.column.get(column) || 0) + unlabelled, "image"), ...(unlabelled ? [`${count(unlabelled)} of them unlabelled`] : [])];
}

function diagonal(model, code) {
  const i = model.cells.get(cellKey(code, code));
  return i === undefined ? 0 : model.count[i];
}

const recallText = (model, row) => `${percent(shareOf(diagonal(model, row), model.row.get(row)))} predicted correctly (recall)`;

function precisionText(model, column) {
  if (column === INVALID) return "NaN or infinite output";
  return `${percent(shareOf(diagonal(model, column), model.column.get(column)))} of them correct (precision)`;
}
