// What is being looked at, as values here and as the words of a link there (dashboard/link.py reads and checks them).

export const NOTHING = Object.freeze({
  verdict: null, label: null, predicted: null, confidence: Object.freeze([0, 1]), changed: false, tag: "", search: "",
  sort: "index", reverse: false, group: null, size: null, sample: null, epoch: null,
});
export const FILTERS = ["verdict", "label", "predicted", "confidence", "changed", "tag", "search"];

const asNumber = [Number, String];
const asText = [String, String];
const CODECS = {
  verdict: asText,
  label: asNumber,
  predicted: [(text) => (text === "invalid" ? -1 : Number(text)), (k) => (k === -1 ? "invalid" : String(k))],
  confidence: [(text) => text.split("..").map(Number), ([low, high]) => `${low}..${high}`],
  changed: [(text) => text === "1", (value) => (value ? "1" : "0")],
  tag: asText,
  search: asText,
  sort: asText,
  reverse: [(text) => text === "1", (value) => (value ? "1" : "0")],
  group: asText,
  size: asNumber,
  sample: asNumber,
  epoch: [(text) => Number(text) - 1, (epoch) => String(epoch + 1)],
};

export function decode(query) {
  const view = { ...NOTHING };
  for (const [name, [read]] of Object.entries(CODECS)) if (query[name]) view[name] = read(query[name]);
  return view;
}

// Only these fields; an empty text stands for "not set".
export function encode(fields) {
  const set = ([name, value]) => !same(value, NOTHING[name]);
  const write = ([name, value]) => [name, set([name, value]) ? CODECS[name][1](value) : ""];
  return Object.fromEntries(Object.entries(fields).map(write));
}

export const same = (a, b) => a === b || (Array.isArray(a) && Array.isArray(b) && a.every((x, i) => x === b[i]));
export const isFiltered = (view) => FILTERS.some((name) => !same(view[name], NOTHING[name]));
