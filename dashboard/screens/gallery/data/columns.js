// The columns of a split and of an epoch, as the server sends them. dashboard/web/column_encoding.py describes the layout.

import { Responses, fetchBinary, fetchJson } from "../../../browser/fetch.js";

const ARRAYS = { int8: Int8Array, int16: Int16Array, int32: Int32Array, float32: Float32Array };
const responses = new Responses(40);

// For URLs with a version in them; the most recent responses are kept.
export const readColumns = (url) => responses.get(url, async () => decode(await fetchBinary(url, "x-proofsheet-columns")));
export const readJson = (url) => responses.get(url, fetchJson);

// {rows, nulls: {column: value that stands for none}, <column>: typed array, ...}
export function decode(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const table = { rows: header.rows, nulls: {} };
  for (const column of header.columns) {
    table[column.name] = new ARRAYS[column.type](buffer, 4 + length + column.at, header.rows);
    if ("null" in column) table.nulls[column.name] = column.null;
  }
  return table;
}

// The outcomes of an epoch with the place of each sample's tile. Rows stay those of `outcomes`; `at` is the row in
// `tiles` of each, or null where both tables have the same rows.
export function join(tiles, outcomes) {
  const at = rowsOf(outcomes, tiles);
  const joined = { ...outcomes, nulls: { ...outcomes.nulls }, at };
  for (const name of ["sheet", "tile", "tile_width", "tile_height", "reduced"]) {
    const column = tiles[name], none = tiles.nulls[name];
    joined.nulls[name] = none;
    joined[name] = at === null ? column : column.constructor.from(at, (row) => (row < 0 ? none : column[row]));
  }
  return joined;
}

// For each row of `table` the row of `other` with the same sample, -1 where it has none; null if all rows are the same.
function rowsOf(table, other) {
  if (sameRows(table, other)) return null;
  const rowOf = new Map();
  other.index.forEach((index, row) => rowOf.set(index, row));
  return Int32Array.from(table.index, (index) => rowOf.get(index) ?? -1);
}

// How often each sample was forgotten, in the order of the rows of `table`; 0 for a sample that is not counted.
export function alignForgotten(table, counted) {
  const at = rowsOf(table, counted);
  return at === null ? counted.forgotten : Int32Array.from(at, (row) => (row < 0 ? 0 : counted.forgotten[row]));
}

const sameRows = (one, other) => one.rows === other.rows && one.index.every((index, row) => index === other.index[row]);

// The row of the sample `index`, -1 without one. Indices usually are the row numbers.
export const rowOf = (table, index) => (table.index[index] === index ? index : table.index.indexOf(index));
