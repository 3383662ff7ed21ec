// Which samples match a filter, in which order and groups: pure functions over the joined columns, fast enough to run
// over 100,000 rows at every keystroke.

import { VERDICTS } from "../../../browser/format.js";

const VERDICT = 1, LABEL = 2, PREDICTED = 4, OTHER = 8, TAG = 16;
const ROW_BITS = 2 ** 21; // more rows than any split has; 32 bits of a value and these fit into a double

// The conditions that each row fails, as bits, so that one pass gives the result and the counts beside every choice.
function failures(table, view, matches, tagged) {
  const { rows, label, predicted, confidence, verdict, changed } = table;
  const failed = new Uint8Array(rows);
  const wanted = view.verdict === null ? -1 : VERDICTS.indexOf(view.verdict);
  const [low, high] = view.confidence;
  const ranged = low > 0 || high < 1;
  const lowest = Math.fround(low), highest = Math.fround(high);
  for (let row = 0; row < rows; row++) {
    let bits = 0;
    if (wanted >= 0 && verdict[row] !== wanted) bits |= VERDICT;
    if (view.label !== null && label[row] !== view.label) bits |= LABEL;
    if (view.predicted !== null && predicted[row] !== view.predicted) bits |= PREDICTED;
    if (ranged && !(confidence[row] >= lowest && confidence[row] <= highest)) bits |= OTHER;
    if (view.changed && !changed[row]) bits |= OTHER;
    if (matches && !matches[row]) bits |= OTHER;
    if (view.tag) bits |= TAG;
    failed[row] = bits;
  }
  if (view.tag) for (const row of tagged.get(view.tag) || []) failed[row] &= ~TAG;
  return failed;
}

// The rows that match, in order, and how many each choice would show. matches: of the search, or null; tagged: tag -> rows.
export function select(table, view, matches, orders, tagged) {
  const failed = failures(table, view, matches, tagged);
  const counts = { verdict: new Int32Array(VERDICTS.length), any: 0, label: new Map(), predicted: new Map(), tag: new Map(), anyTag: 0 };
  for (const [name, rows] of tagged) counts.tag.set(name, rows.filter((row) => (failed[row] & ~TAG) === 0).length);
  const add = (map, key) => map.set(key, (map.get(key) || 0) + 1);
  const sorted = orders.get(table, view.sort, view.reverse);
  const matching = new Int32Array(table.rows);
  let n = 0;
  for (let i = 0; i < table.rows; i++) {
    const row = sorted[i], bits = failed[row];
    if (bits === 0) matching[n++] = row;
    if ((bits & ~VERDICT) === 0) { counts.any++; counts.verdict[table.verdict[row]]++; }
    if ((bits & ~LABEL) === 0 && table.label[row] !== table.nulls.label) add(counts.label, table.label[row]);
    if ((bits & ~TAG) === 0) counts.anyTag++;
    if ((bits & ~PREDICTED) === 0) add(counts.predicted, table.predicted[row]);
  }
  return { rows: matching.subarray(0, n), counts };
}

// Orders of all rows, computed once per column and direction. Missing values come last, equal ones by rising row.
export class Orders {
  constructor() { this.known = new Map(); }

  get(table, sort, reverse) {
    const key = `${sort} ${reverse}`;
    if (this.table !== table) { this.table = table; this.known.clear(); }
    if (!table[sort]) return this.get(table, "index", reverse); // its column is still loading
    if (!this.known.has(key)) this.known.set(key, sortRows(table[sort], table.nulls[sort], reverse));
    return this.known.get(key);
  }
}

// Sorts plain numbers, which is native: the 32 bits of the value, made to rise with it, above the row.
function sortRows(column, none, reverse) {
  const rows = column.length;
  const values = Float32Array.from(column, (v) => (v === none ? NaN : v));
  const bits = new Uint32Array(values.buffer);
  const keys = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let key = 0xffffffff;
    if (!Number.isNaN(values[row])) {
      key = bits[row] & 0x80000000 ? ~bits[row] >>> 0 : (bits[row] | 0x80000000) >>> 0;
      if (reverse) key = 0xfffffffe - key;
    }
    keys[row] = key * ROW_BITS + row;
  }
  keys.sort();
  return Int32Array.from(keys, (key) => key % ROW_BITS);
}

// Splits rows by class, keeping their order: [{key, rows}] in the order of the classes, invalid and missing ones last.
export function group(rows, table, by) {
  if (by === null) return [{ key: null, rows }];
  const column = table[by], none = table.nulls[by], sizes = new Map();
  for (const row of rows) sizes.set(column[row], (sizes.get(column[row]) || 0) + 1);
  const rank = (key) => (key === none || key < 0 ? 1e9 - key : key);
  const groups = [...sizes.keys()].sort((a, b) => rank(a) - rank(b)).map((key) => ({ key, rows: new Int32Array(sizes.get(key)) }));
  const filled = new Map(groups.map((g) => [g.key, { rows: g.rows, n: 0 }]));
  for (const row of rows) { const g = filled.get(column[row]); g.rows[g.n++] = row; }
  return groups;
}

// Marks the rows whose index is the number typed or whose source contains the text; null when nothing was typed.
export function search(table, text, sources) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return null;
  const digits = wanted.replace(/^#/, "");
  const index = /^\d{1,9}$/.test(digits) ? Number(digits) : null;
  const matches = new Uint8Array(table.rows);
  for (let row = 0; row < table.rows; row++) {
    const source = sources ? sources[table.at ? table.at[row] : row] : null;
    if (table.index[row] === index || (source && source.toLowerCase().includes(wanted))) matches[row] = 1;
  }
  return matches;
}
