// A matrix as it was sent, made ready to draw: sums, values of the chosen kind, and the scale of its colours.

import { clamp, STEPS } from './colours.js';

export const INVALID = -1;
export const FAINTEST = 0.06; // A single sample must be told from none,
export const FAINTEST_DOT = 0.3; // and more so where it is a single pixel.

/** Axes, sums and an index of the cells of one epoch. `now`: see dashboard/confusion/payload.py. */
export function buildModel(now) {
  const { label, predicted, count, before } = now;
  const sums = { row: new Map(), column: new Map(), rowBefore: new Map(), columnBefore: new Map() };
  const add = (map, key, n) => map.set(key, (map.get(key) || 0) + n);
  const cells = new Map();
  for (let i = 0; i < label.length; i++) {
    cells.set(label[i] + '|' + predicted[i], i);
    add(sums.row, label[i], count[i]);
    add(sums.column, predicted[i], count[i]);
    if (before) {
      add(sums.rowBefore, label[i], before[i]);
      add(sums.columnBefore, predicted[i], before[i]);
    }
  }
  return { ...now, ...sums, cells, compared: Boolean(before) };
}

export const nameOf = (model, code, isColumn) =>
  isColumn && code === INVALID ? 'invalid' : model.names[code] ?? `unknown (${code})`;

/** Class codes of rows and columns in the order chosen: declared classes permuted, the others at the end. */
export function axes(model, order) {
  const declared = order === 'index' ? null : model.orders[order];
  const arrange = (codes) => (declared ? [...declared, ...codes.slice(declared.length)] : codes);
  return { rows: arrange(model.rows), columns: arrange(model.columns) };
}

export const portion = (part, whole) => (whole ? part / whole : 0);

/** One number for each cell: counts, shares (0 to 1), or the change of either. */
export function valuesOf(model, normalize) {
  const { label, predicted, count, before } = model;
  const share = (i, amount, rows, columns) =>
    normalize === 'label' ? portion(amount, rows.get(label[i]))
      : normalize === 'prediction' ? portion(amount, columns.get(predicted[i])) : amount;
  return Float64Array.from(label, (_, i) => {
    const now = share(i, count[i], model.row, model.column);
    return before ? now - share(i, before[i], model.rowBefore, model.columnBefore) : now;
  });
}

/** What the colours are scaled by: correct cells and errors apart, so that errors are seen beside them. */
export function scaleOf(model, values, normalize, withCorrect) {
  const scale = { correct: 0, wrong: 0 };
  for (let i = 0; i < values.length; i++) {
    const kind = model.label[i] === model.predicted[i] && model.predicted[i] !== INVALID ? 'correct' : 'wrong';
    scale[kind] = Math.max(scale[kind], Math.abs(values[i]));
  }
  if (model.compared) scale.correct = scale.wrong = withCorrect ? Math.max(scale.correct, scale.wrong) : scale.wrong;
  else if (normalize !== 'counts') scale.correct = 1;
  return scale;
}

export function kindOf(model, i) {
  if (model.predicted[i] === INVALID) return 'invalid';
  return model.label[i] === model.predicted[i] ? 'correct' : 'wrong';
}

/** The colour of cell `i`: [r, g, b]. The square root lets few samples be seen beside many. */
export function colourOf(model, colours, values, scale, i, faintest = FAINTEST) {
  const kind = kindOf(model, i), value = values[i];
  if (value === 0) return colours.surface;
  const most = kind === 'correct' ? scale.correct : scale.wrong;
  const t = faintest + (1 - faintest) * Math.sqrt(Math.abs(value) / most);
  let name = kind;
  if (model.compared) name = (value > 0) === (kind === 'correct') ? 'better' : 'worse';
  return colours[name][Math.round(clamp(t, 0, 1) * (STEPS - 1))];
}

export const whole = (n) => n.toLocaleString('en-US');
export const signed = (text, value) => (value > 0 ? '+' : value < 0 ? '−' : '') + text;
export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;

/** The text of a cell: short, because many must fit. */
export function cellText(model, normalize, value, room) {
  const size = Math.abs(value);
  if (normalize === 'counts') return model.compared ? signed(whole(size), value) : whole(size);
  const digits = size >= 0.0995 || room < 34 ? 0 : 1;
  const text = (100 * size).toFixed(digits);
  const shown = text === '0' ? '<1' : text;
  return model.compared ? signed(shown, value) : shown + (room >= 44 ? ' %' : '');
}

/** Sentences on a cell, a row (`column` null) or a column (`row` null), the name first. */
export function describe(model, row, column, compareName) {
  const labelName = row === null ? '' : nameOf(model, row, false);
  const predictedName = column === null ? '' : nameOf(model, column, true);
  if (column === null) return [`label ${labelName}`, images(model.row.get(row) || 0), recallText(model, row)];
  if (row === null) return [`predicted ${predictedName}`, ...columnImages(model, column), precisionText(model, column)];
  const i = model.cells.get(row + '|' + column), n = i === undefined ? 0 : model.count[i];
  const lines = [
    `${labelName} → ${predictedName}`,
    images(n),
    `${percent(portion(n, model.row.get(row)))} of label ${labelName}`,
    `${percent(portion(n, model.column.get(column)))} of predicted ${predictedName}`,
  ];
  if (model.compared) {
    const was = i === undefined ? 0 : model.before[i];
    lines.push(`${whole(was)} in ${compareName} (${signed(whole(Math.abs(n - was)), n - was) || '0'})`);
  }
  return lines;
}

export const images = (n) => (n === 1 ? '1 image' : `${whole(n)} images`);

export /** A predicted class opens its unlabelled samples too, so they are counted with it. */
function columnImages(model, column) {
  const bare = model.unlabelled[column] || 0;
  return [images((model.column.get(column) || 0) + bare), ...(bare ? [`${whole(bare)} of them unlabelled`] : [])];
}

function recallText(model, row) {
  const i = model.cells.get(row + '|' + row);
  return `${percent(portion(i === undefined ? 0 : model.count[i], model.row.get(row)))} predicted right (recall)`;
}

export function precisionText(model, column) {
  if (column === INVALID) return 'NaN or infinite output';
  const i = model.cells.get(column + '|' + column);
  return `${percent(portion(i === undefined ? 0 : model.count[i], model.column.get(column)))} of them right (precision)`;
}
