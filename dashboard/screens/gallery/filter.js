// Which samples, in which order: pure functions over the joined columns, fast enough for 100,000 rows a keystroke.

export const VERDICTS = ["correct", "wrong", "unlabelled", "invalid"];
const VERDICT = 1, LABEL = 2, PREDICTED = 4, OTHER = 8, TAG = 16;

// What fails per row, as bits, so that one pass gives the result and the counts beside every choice.
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

// The rows shown, in order, and how many each choice would show. tagged: tag -> rows
export function select(table, view, matches, orders, tagged) {
  const failed = failures(table, view, matches, tagged);
  const counts = { verdict: new Int32Array(VERDICTS.length), any: 0, label: new Map(), predicted: new Map(), tag: new Map(), anyTag: 0 };
  for (const [name, rows] of tagged) counts.tag.set(name, rows.filter((row) => (failed[row] & ~TAG) === 0).length);
  const add = (map, key) => map.set(key, (map.get(key) || 0) + 1);
  const sorted = orders.get(table, view.sort, view.reverse);
  const shown = new Int32Array(table.rows);
  let n = 0;
  for (let i = 0; i < table.rows; i++) {
    const row = sorted[i], bits = failed[row];
    if (bits === 0) shown[n++] = row;
    if ((bits & ~VERDICT) === 0) { counts.any++; counts.verdict[table.verdict[row]]++; }
    if ((bits & ~LABEL) === 0 && table.label[row] !== table.nulls.label) add(counts.label, table.label[row]);
    if ((bits & ~TAG) === 0) counts.anyTag++;
    if ((bits & ~PREDICTED) === 0) add(counts.predicted, table.predicted[row]);
  }
  return { rows: shown.subarray(0, n), counts };
}

// The label and the prediction that most wrong rows share; of equal ones the first by label, then by prediction.
export function mostConfused(table) {
  const wrong = VERDICTS.indexOf("wrong"), images = new Map();
  for (let row = 0; row < table.rows; row++) {
    if (table.verdict[row] !== wrong) continue;
    const key = table.label[row] * 2097152 + table.predicted[row];
    images.set(key, (images.get(key) || 0) + 1);
  }
  const [first] = [...images].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return first ? { label: Math.floor(first[0] / 2097152), predicted: first[0] % 2097152, images: first[1] } : null;
}

// Orders of all rows, made once per column and direction. Missing values come last, equal ones by rising index.
export class Orders {
  constructor() { this.kept = new Map(); }

  get(table, sort, reverse) {
    const key = `${sort} ${reverse}`;
    if (this.table !== table) { this.table = table; this.kept.clear(); }
    if (!table[sort]) return this.get(table, "index", reverse); // its column is still on its way
    if (!this.kept.has(key)) this.kept.set(key, ordered(table[sort], table.nulls[sort], reverse));
    return this.kept.get(key);
  }
}

// Sorts numbers natively: the value's 32 bits, made to rise with it, above 21 bits of the row.
function ordered(column, none, reverse) {
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
    keys[row] = key * 2097152 + row;
  }
  keys.sort();
  return Int32Array.from(keys, (key) => key % 2097152);
}

// Splits rows by class, keeping their order; classes in index order, missing labels last.
export function group(rows, table, by) {
  if (by === null) return [{ key: null, rows }];
  const sizes = new Map();
  const column = table[by];
  for (const row of rows) sizes.set(column[row], (sizes.get(column[row]) || 0) + 1);
  const none = table.nulls[by];
  const rank = (key) => (key === none || key < 0 ? 1e9 - key : key);
  const groups = [...sizes.keys()].sort((a, b) => rank(a) - rank(b)).map((key) => ({ key, rows: new Int32Array(sizes.get(key)), n: 0 }));
  const of = new Map(groups.map((g) => [g.key, g]));
  for (const row of rows) { const g = of.get(column[row]); g.rows[g.n++] = row; }
  return groups;
}

// Rows whose index is the number typed, or whose source holds the text; null when nothing was typed.
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
