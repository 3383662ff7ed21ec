import assert from "node:assert/strict";
import { test } from "node:test";
import { alignForgotten, decode, join, rowOf } from "../../dashboard/screens/gallery/data/columns.js";
import { NONE, outcomes } from "./tables.mjs";

// As dashboard/web/column_encoding.py writes them: the length of the header, the header, the columns at multiples of 4.
function encode(columns, rows) {
  let at = 0;
  const header = { rows, columns: [] }, parts = [];
  for (const [name, array, none] of columns) {
    const type = array.constructor.name.replace("Array", "").toLowerCase();
    header.columns.push({ name, type, at, ...(none === undefined ? {} : { null: none }) });
    const bytes = new Uint8Array(Math.ceil(array.byteLength / 4) * 4);
    bytes.set(new Uint8Array(array.buffer));
    parts.push(bytes);
    at += bytes.length;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 4) * 4;
  const all = new Uint8Array(4 + length + at).fill(32, 4, 4 + length);
  new DataView(all.buffer).setUint32(0, length, true);
  all.set(text, 4);
  let place = 4 + length;
  for (const part of parts) { all.set(part, place); place += part.length; }
  return all.buffer;
}

test("columns are decoded with their types and the value that stands for none", () => {
  const table = decode(encode([
    ["index", Int32Array.of(0, 1, 2)], ["label", Int32Array.of(3, NONE, 1), NONE], ["confidence", Float32Array.of(0.5, NaN, 1)], ["verdict", Int8Array.of(0, 1, 3)],
  ], 3));
  assert.equal(table.rows, 3);
  assert.deepEqual(table.label, Int32Array.of(3, NONE, 1));
  assert.deepEqual(table.confidence, Float32Array.of(0.5, NaN, 1));
  assert.deepEqual(table.verdict, Int8Array.of(0, 1, 3));
  assert.deepEqual(table.nulls, { label: NONE });
});

const tiles = (index) => ({
  rows: index.length, nulls: { sheet: -1 }, index: Int32Array.from(index), sheet: Int32Array.from(index, (i) => i * 10),
  tile: Int32Array.from(index, (i) => i), tile_width: Int32Array.from(index, () => 8), tile_height: Int32Array.from(index, () => 8),
  reduced: Int8Array.from(index, () => 0),
});

test("the same rows are joined without copying", () => {
  const place = tiles([0, 1]), joined = join(place, outcomes([{}, {}]));
  assert.equal(joined.at, null);
  assert.equal(joined.sheet, place.sheet);
});

test("other rows get the place of their own sample, and none where it is unknown", () => {
  const joined = join(tiles([0, 1, 5]), outcomes([{ index: 5 }, { index: 7 }, { index: 0 }]));
  assert.deepEqual(joined.at, Int32Array.of(2, -1, 0));
  assert.deepEqual(joined.sheet, Int32Array.of(50, -1, 0));
  assert.deepEqual(joined.index, Int32Array.of(5, 7, 0));
  assert.equal(joined.nulls.sheet, -1);
});

test("counts of forgetting are aligned by sample", () => {
  const counted = { rows: 3, index: Int32Array.of(0, 1, 2), forgotten: Int32Array.of(4, 5, 6) };
  assert.equal(alignForgotten(outcomes([{}, {}, {}]), counted), counted.forgotten);
  assert.deepEqual(alignForgotten(outcomes([{ index: 2 }, { index: 9 }]), counted), Int32Array.of(6, 0));
});

test("the row of a sample is found wherever it is", () => {
  assert.equal(rowOf(outcomes([{}, {}]), 1), 1);
  assert.equal(rowOf(outcomes([{ index: 4 }, { index: 0 }]), 0), 1);
  assert.equal(rowOf(outcomes([{}]), 7), -1);
});
