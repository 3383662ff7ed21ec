import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULTS } from "../../dashboard/browser/link.js";
import { Orders, group, search, select } from "../../dashboard/screens/gallery/data/filter.js";
import { Results } from "../../dashboard/screens/gallery/data/results.js";
import { NONE, outcomes } from "./tables.mjs";

const CORRECT = 0, WRONG = 1, UNLABELLED = 2, INVALID = 3;
const table = outcomes([
  { label: 0, predicted: 0, verdict: CORRECT, confidence: 0.9, loss: 0.1 },
  { label: 0, predicted: 1, verdict: WRONG, confidence: 0.6, loss: 2, changed: 1 },
  { label: 1, predicted: 1, verdict: CORRECT, confidence: 0.3, loss: 1.2 },
  { label: null, predicted: 1, verdict: UNLABELLED, confidence: 0.7, loss: NaN },
  { label: 1, predicted: -1, verdict: INVALID, confidence: NaN, loss: NaN },
  { label: 9, predicted: 1, verdict: WRONG, confidence: 0.6, loss: 2 },
]);
const tagged = new Map([["odd", [1, 3]], ["none", []]]);
const chosen = (fields, matches = null) => select(table, { ...DEFAULTS, ...fields }, matches, new Orders(), tagged);
const rows = (fields, matches) => [...chosen(fields, matches).rows];

test("each filter keeps the rows that match it", () => {
  for (const [fields, expected] of [
    [{}, [0, 1, 2, 3, 4, 5]],
    [{ verdict: "wrong" }, [1, 5]],
    [{ label: 0 }, [0, 1]],
    [{ predicted: -1 }, [4]],
    [{ verdict: "wrong", label: 9 }, [5]],
    [{ confidence: [0.6, 0.7] }, [1, 3, 5]],
    [{ confidence: [0, 0.99] }, [0, 1, 2, 3, 5]],
    [{ confidence: [0.5, 0.6] }, [1, 5]], // as float32 it is a little more than 0.6
    [{ changed: true }, [1]],
    [{ tag: "odd" }, [1, 3]],
    [{ tag: "odd", verdict: "wrong" }, [1]],
    [{ tag: "unknown" }, []],
  ]) assert.deepEqual(rows(fields), expected, JSON.stringify(fields));
  assert.deepEqual(rows({}, Uint8Array.of(0, 1, 0, 0, 1, 0)), [1, 4]);
});

test("beside each choice stands how many it would show, whatever is chosen there now", () => {
  const { counts } = chosen({ verdict: "wrong", label: 0 });
  assert.deepEqual([...counts.verdict], [1, 1, 0, 0]); // of label 0
  assert.equal(counts.any, 2);
  assert.deepEqual([...counts.label], [[0, 1], [9, 1]]); // of the wrong ones
  assert.deepEqual([...counts.predicted], [[1, 1]]);
  assert.deepEqual([...counts.tag], [["odd", 1], ["none", 0]]);
});

test("orders are by value and then by row, with missing values last both ways", () => {
  assert.deepEqual(rows({ sort: "loss" }), [0, 2, 1, 5, 3, 4]);
  assert.deepEqual(rows({ sort: "loss", reverse: true }), [1, 5, 2, 0, 3, 4]);
  assert.deepEqual(rows({ sort: "confidence" }), [2, 1, 5, 3, 0, 4]);
  assert.deepEqual(rows({ sort: "index", reverse: true }), [5, 4, 3, 2, 1, 0]);
  assert.deepEqual(rows({ sort: "label" }), [0, 1, 2, 4, 5, 3]); // no label is the missing value
});

test("an order sorts negative, tiny and infinite values as numbers", () => {
  const values = [3, -1, 0, -2.5, Infinity, 1e-40, -Infinity, NaN, -0.5], odd = outcomes(values.map((margin) => ({ margin })));
  const expected = values.map((_, i) => i).filter((i) => i !== 7).sort((a, b) => values[a] - values[b]);
  assert.deepEqual([...new Orders().get(odd, "margin", false)], [...expected, 7]);
  assert.deepEqual([...new Orders().get(odd, "margin", true)], [...expected.reverse(), 7]);
});

test("an order is computed once per table, and a column that is still loading is in index order", () => {
  const orders = new Orders();
  assert.equal(orders.get(table, "loss", false), orders.get(table, "loss", false));
  assert.deepEqual([...orders.get(table, "forgotten", true)], [5, 4, 3, 2, 1, 0]);
  assert.notEqual(orders.get(outcomes([{}]), "loss", false).length, table.rows);
});

test("groups keep the order inside, classes come by index, invalid and missing ones last", () => {
  const all = Int32Array.of(5, 4, 3, 2, 1, 0);
  const keys = (by) => group(all, table, by).map(({ key, rows: inside }) => [key, [...inside]]);
  assert.deepEqual(keys(null), [[null, [5, 4, 3, 2, 1, 0]]]);
  assert.deepEqual(keys("label"), [[0, [1, 0]], [1, [4, 2]], [9, [5]], [NONE, [3]]]);
  assert.deepEqual(keys("predicted"), [[0, [0]], [1, [5, 3, 2, 1]], [-1, [4]]]);
});

test("a search finds an index or a part of a source", () => {
  const sources = ["a/Cat 3.png", null, "b/dog.png", "cat", "x", "y"];
  assert.equal(search(table, "  ", sources), null);
  assert.deepEqual([...search(table, "CAT", sources)], [1, 0, 0, 1, 0, 0]);
  assert.deepEqual([...search(table, "#3", sources)], [0, 0, 0, 1, 0, 0]);
  assert.deepEqual([...search(table, "3", sources)], [1, 0, 0, 1, 0, 0]);
  assert.deepEqual([...search(table, "3", null)], [0, 0, 0, 1, 0, 0]);
  assert.deepEqual([...search({ ...table, at: Int32Array.of(5, 4, 3, 2, 1, 0) }, "dog", sources)], [0, 0, 0, 1, 0, 0]);
});

test("positions count the samples over all groups", () => {
  const shifted = { ...table, index: Int32Array.of(10, 11, 12, 13, 14, 15) };
  const results = new Results(shifted, group(Int32Array.of(0, 1, 2, 3, 4, 5), shifted, "label"));
  assert.equal(results.count, 6);
  assert.deepEqual(results.indices, [10, 11, 12, 14, 15, 13]);
  for (let position = 0; position < 6; position++) assert.equal(results.positionOf(results.indexAt(position)), position);
  assert.equal(results.positionOf(99), -1);
  assert.equal(results.positionOf(null), -1);
  assert.equal(results.indexAt(6), undefined);
});
