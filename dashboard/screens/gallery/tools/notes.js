// The notes beside "412 of 10,000 images": everything that is not shown, and why.

import { count, plural } from "../../../browser/format.js";

// tiles, table: of the split and of the epoch (from 0); rows: shown; available: samples of which only some were logged;
// layout: of the sheets; missing, unfit: numbers of sheets without a file, and of another layout; tags: of the run and split
export function notes({ tiles, table, rows, available, epoch, layout, missing, unfit, tags }) {
  const found = layout.problem ? [layout.problem] : [];
  let withoutPixels = 0, withoutSheet = 0, withUnfitSheet = 0;
  for (const row of rows) {
    if (table.sheet[row] === table.nulls.sheet) withoutPixels++;
    else if (missing.size && missing.has(table.sheet[row])) withoutSheet++;
    else if (unfit.size && unfit.has(table.sheet[row])) withUnfitSheet++;
  }
  if (available) found.push(`${count(tiles.rows)} of ${count(available)} were logged, the same at every epoch`);
  const unpredicted = tiles.rows - table.rows;
  if (unpredicted > 0) found.push(`${count(unpredicted)} more were not predicted at epoch ${epoch + 1}`);
  if (withoutPixels) found.push(`${count(withoutPixels)} without stored pixels`);
  if (withoutSheet) found.push(`${count(withoutSheet)} whose sheet file is missing or damaged`);
  if (withUnfitSheet) found.push(`${count(withUnfitSheet)} not shown: their sheet does not have the layout that the run states`);
  if (tags.problem) found.push(tags.problem);
  if (tags.damaged) found.push(`${plural(tags.damaged, "damaged line")} of annotations.jsonl skipped`);
  return found;
}
