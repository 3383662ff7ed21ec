import assert from "node:assert/strict";
import { test } from "node:test";
import { Layout } from "../../dashboard/screens/gallery/tiles/layout.js";
import { Selection } from "../../dashboard/screens/gallery/tiles/selection.js";
import { sizeFor, sizesOf } from "../../dashboard/screens/gallery/tiles/sizes.js";

const GAP = 8, HEADER = 38;
const rows = (n, from = 0) => Int32Array.from({ length: n }, (_, i) => from + i);
const ungrouped = (n, options = {}) => new Layout([{ key: null, rows: rows(n) }], { size: 64, caption: 32, width: 300, ...options });
const grouped = () => new Layout([{ key: 0, rows: rows(5) }, { key: 1, rows: rows(2, 5) }, { key: 2, rows: rows(4, 7) }], { size: 64, caption: 0, width: 300 });

test("tiles fill the width from left to right, with room for captions", () => {
  const layout = ungrouped(10);
  assert.equal(layout.columns, 4);
  assert.deepEqual([layout.place(0).y, layout.place(3).y, layout.place(4).y], [GAP, GAP, GAP + 64 + 32 + GAP]);
  assert.equal(layout.place(1).x - layout.place(0).x, 64 + GAP);
  assert.equal(layout.height, GAP + 3 * (64 + 32 + GAP) + GAP);
});

test("a width for less than one tile still shows one in a line", () => {
  assert.equal(ungrouped(3, { width: 20 }).columns, 1);
});

test("groups begin on a line of their own below a heading", () => {
  const layout = grouped();
  assert.deepEqual(layout.starts, [0, 5, 7]);
  assert.equal(layout.tops[1], HEADER + 2 * 72);
  assert.equal(layout.place(5).y, layout.tops[1] + HEADER);
  assert.deepEqual([0, 4, 5, 6, 7, 10].map((position) => layout.row(position)), [0, 4, 5, 6, 7, 10]);
});

test("between two heights are exactly the tiles whose line touches them", () => {
  for (const layout of [ungrouped(103), grouped()]) {
    for (let top = 0; top < layout.height; top += 37) {
      const bottom = top + 150, { first, end } = layout.between(top, bottom);
      for (let position = 0; position < layout.count; position++) {
        const { y } = layout.place(position), inside = y < bottom && y + layout.down > top;
        if (inside) assert.ok(position >= first && position < end, `${position} at ${top}`);
        else if (position >= first && position < end) assert.ok(y - bottom < layout.down && top - y < 2 * layout.down + HEADER);
      }
    }
  }
  assert.deepEqual(ungrouped(0).between(0, 500), { first: 0, end: 0, groups: [] });
});

test("the arrow keys go up and down in the column, also across groups", () => {
  const layout = grouped();
  assert.equal(layout.vertical(0, 1), 4);
  assert.equal(layout.vertical(3, 1), 4); // the next line is shorter
  assert.equal(layout.vertical(4, 1), 5);
  assert.equal(layout.vertical(6, 1), 8);
  assert.equal(layout.vertical(10, -1), 6);
  assert.equal(layout.vertical(5, -1), 4);
  assert.equal(layout.vertical(0, -1), 0);
  assert.equal(layout.vertical(10, 1), 10);
});

test("exact tiles are shown at whole multiples, reduced ones in steps", () => {
  assert.deepEqual(sizesOf({ cell: 32, exact: true }), { least: 32, most: 192, step: 32 });
  assert.deepEqual(sizesOf({ cell: 8, exact: true }), { least: 24, most: 192, step: 8 });
  assert.equal(sizeFor({ cell: 28, exact: true }, null), 56);
  assert.equal(sizeFor({ cell: 96, exact: false }, null), 96);
  assert.equal(sizeFor({ cell: 28, exact: true }, 100), 112);
  assert.equal(sizeFor({ cell: 96, exact: false }, 5000), 192);
});

test("a range of the selection follows the order on the screen", () => {
  let changes = 0;
  const order = [30, 10, 20, 50, 40];
  const results = { positionOf: (index) => order.indexOf(index), indexAt: (position) => order[position] };
  const selection = new Selection(() => { changes++; });
  selection.addRange(3, results); // without an anchor only that one
  assert.deepEqual([...selection.indices], [50]);
  selection.toggle(50);
  selection.toggle(40);
  selection.addRange(1, results);
  assert.deepEqual([...selection.indices].sort(), [10, 20, 40, 50]);
  selection.clear();
  selection.clear();
  assert.deepEqual([selection.size, changes], [0, 5]);
});
