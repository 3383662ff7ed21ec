// What is said beside "412 of 10,000 images": everything that is not shown, and why.

import { count } from "./dom.js";

// tiles, table: of the split and of the epoch (from 0); rows: shown; available: samples of which only some were logged;
// missing: numbers of sheets whose file is not there; tags: the store
export function notes({ tiles, table, rows, available, epoch, missing, tags }) {
  const said = [];
  let without = 0, gone = 0;
  for (const row of rows) {
    if (table.sheet[row] === table.nulls.sheet) without++;
    else if (missing.size && missing.has(table.sheet[row])) gone++;
  }
  if (available) said.push(`${count(tiles.rows)} of ${count(available)} were logged, the same at every epoch`);
  const unseen = tiles.rows - table.rows;
  if (unseen > 0) said.push(`${count(unseen)} more were not predicted at epoch ${epoch + 1}`);
  if (without) said.push(`${count(without)} without stored pixels`);
  if (gone) said.push(`${count(gone)} whose sheet file is missing`);
  const { problem, damaged } = tags;
  if (problem) said.push(problem);
  if (damaged) said.push(`${count(damaged)} damaged ${damaged === 1 ? "line" : "lines"} of annotations.jsonl left out`);
  return said;
}
