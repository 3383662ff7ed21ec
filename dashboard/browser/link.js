// The fields of a view as the words of a query and back: dashboard/view/link.py for what a browser reads and writes.
// tests/js/cases/link.json is the table of cases that both are tested against.

export const DEFAULTS = Object.freeze({
  run: null, split: null, epoch: null,
  verdict: null, label: null, predicted: null, confidence: Object.freeze([0, 1]), changed: false, tag: "", search: "",
  sort: "index", reverse: false, group: null, size: null, sample: null,
  normalize: "counts", diagonal: true, order: "index", compare_run: null, compare_epoch: null,
});
export const FILTERS = ["verdict", "label", "predicted", "confidence", "changed", "tag", "search"];

const INVALID = -1; // the predicted class of an output with NaN
const text = { read: String, write: String };
const integer = { read: Number, write: String };
const flag = { read: (word) => word === "1", write: (value) => (value ? "1" : "0") };
const epoch = { read: (word) => Number(word) - 1, write: (value) => String(value + 1) }; // from 0 here, from 1 in a link
const predicted = { read: (word) => (word === "invalid" ? INVALID : Number(word)), write: (k) => (k === INVALID ? "invalid" : String(k)) };
const range = { read: (word) => word.split("..").map(Number), write: ([low, high]) => `${low}..${high}` };
const CODECS = {
  run: text, split: text, epoch,
  verdict: text, label: integer, predicted, confidence: range, changed: flag, tag: text, search: text,
  sort: text, reverse: flag, group: text, size: integer, sample: integer,
  normalize: text, diagonal: flag, order: text, compare_run: text, compare_epoch: epoch,
};

export const same = (a, b) => a === b || (Array.isArray(a) && Array.isArray(b) && a.every((x, i) => x === b[i]));
export const isFiltered = (view) => FILTERS.some((name) => !same(view[name], DEFAULTS[name]));

// The fields `names` of a query, those that it does not hold at their defaults.
export function decode(query, names = Object.keys(DEFAULTS)) {
  return Object.fromEntries(names.map((name) => [name, query[name] ? CODECS[name].read(query[name]) : DEFAULTS[name]]));
}

// These fields as words; an empty word stands for the default.
export function encode(fields) {
  const word = (name, value) => (same(value, DEFAULTS[name]) ? "" : CODECS[name].write(value));
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, word(name, value)]));
}

// The query string of these fields, on top of the words of another query.
export function queryString(fields, base = {}) {
  const words = Object.entries({ ...base, ...encode(fields) }).filter(([, word]) => word !== "");
  return new URLSearchParams(words).toString();
}
