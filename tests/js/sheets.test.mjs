import assert from "node:assert/strict";
import { test } from "node:test";
import { Sheets, fits } from "../../dashboard/screens/gallery/data/sheets.js";
import { crop } from "../../dashboard/screens/gallery/tiles/tile.js";

test("only a sheet of whole rows of cells has the layout", () => {
  const layout = { cell: 20, columns: 51 };
  assert.ok(fits(layout, 1020, 80));
  assert.ok(!fits(layout, 1024, 80));
  assert.ok(!fits(layout, 1020, 70));
  assert.ok(!fits(layout, 1020, 0));
});

test("without a layout no sheet is requested and none is shown", () => {
  const sheets = new Sheets({ url: () => assert.fail("requested"), layout: () => ({ problem: "not known" }), onReady: () => {} });
  sheets.request([0, 1]);
  sheets.requestFirst(2);
  assert.equal(sheets.get(0).state, "unknown");
});

test("a tile that is not on its sheet, or larger than a cell, is not cut out", () => {
  const cut = (tile, width, height) => {
    const table = { tile: [tile], tile_width: [width], tile_height: [height] };
    return crop({ style: {} }, { table, cell: 20, columns: 5, exact: true }, 0, { width: 100, height: 40, url: "x" }, 60);
  };
  assert.ok(cut(9, 20, 20));
  assert.ok(!cut(10, 20, 20));
  assert.ok(!cut(-1, 20, 20));
  assert.ok(!cut(0, 21, 20));
  assert.ok(!cut(0, 0, 20));
});
