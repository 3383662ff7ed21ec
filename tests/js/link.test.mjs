import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DEFAULTS, FILTERS, decode, encode, isFiltered, queryString, same } from "../../dashboard/browser/link.js";

const cases = JSON.parse(readFileSync(new URL("cases/link.json", import.meta.url)));

test("fields become the words that Python writes, and come back", () => {
  for (const { fields, words } of cases) {
    assert.deepEqual(encode(fields), words);
    assert.deepEqual(decode(words, Object.keys(fields)), fields);
  }
});

test("the cases cover every field", () => {
  assert.deepEqual(new Set(cases.flatMap(({ fields }) => Object.keys(fields))), new Set(Object.keys(DEFAULTS)));
});

test("a default is an empty word, and what a query does not hold is at its default", () => {
  for (const [name, value] of Object.entries(DEFAULTS)) assert.deepEqual(encode({ [name]: value }), { [name]: "" });
  assert.deepEqual(decode({}), DEFAULTS);
  assert.deepEqual(decode({ verdict: "" }, ["verdict", "label"]), { verdict: null, label: null });
});

test("a query string leaves defaults out, overrides its base and escapes", () => {
  assert.equal(queryString({ epoch: 2, label: null, predicted: -1 }, { run: "a&b", epoch: "9" }), "run=a%26b&epoch=3&predicted=invalid");
  assert.equal(queryString({ epoch: null }, { run: "a", epoch: "9" }), "run=a");
});

test("a view is filtered when a filter is not at its default", () => {
  assert.equal(isFiltered(DEFAULTS), false);
  assert.equal(isFiltered({ ...DEFAULTS, confidence: [0, 1], sort: "loss" }), false);
  for (const name of FILTERS) assert.equal(isFiltered({ ...DEFAULTS, [name]: name === "confidence" ? [0.1, 1] : 1 }), true, name);
  assert.equal(same([0, 1], [0, 1]), true);
  assert.equal(same([0, 1], [0, 0.9]), false);
});
