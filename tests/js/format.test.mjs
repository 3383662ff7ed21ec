import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as format from "../../dashboard/browser/format.js";

const cases = JSON.parse(readFileSync(new URL("cases/format.json", import.meta.url)));
const value = (given) => ({ NaN, Infinity, "-Infinity": -Infinity })[given] ?? given;

for (const [name, table] of Object.entries(cases)) {
  test(`${name} writes what Python writes`, () => {
    for (const [given, written] of table) assert.equal(format[name](...given.map(value)), written, JSON.stringify(given));
  });
}

test("numbers that JSON can only name are read by their names", () => {
  assert.equal(format.number("NaN"), "NaN");
  assert.equal(format.number("-Infinity"), "−∞");
});

test("a tie goes to the even digit, and what only looks like a tie does not", () => {
  for (const [given, digits, written] of [
    [0.5, 0, "0"], [1.5, 0, "2"], [2.5, 0, "2"], [-2.5, 0, "-2"], [6.25, 1, "6.2"], [6.75, 1, "6.8"], [0.125, 2, "0.12"],
    [1.005, 2, "1.00"], [1.015, 2, "1.01"], [1.85, 1, "1.9"], [1.45, 1, "1.4"], [2.675, 2, "2.67"],
  ]) assert.equal(format.fixed(given, digits), written, String(given));
});

test("a single fact has no trailing zeros", () => {
  for (const [given, written] of [[0, "0"], [1, "1"], [255, "255"], [0.29, "0.29"], [1200, "1,200"], [-2.5, "−2.5"], [1.5e-7, "1.50e-07"], [null, "–"], ["NaN", "NaN"]]) {
    assert.equal(format.compact(given), written, String(given));
  }
});

test("a confidence is never 100 % for less than certain", () => {
  for (const [given, written] of [[1, "100 %"], [0.9999, "99 %"], [0.995, "99 %"], [0.994, "99 %"], [0.5, "50 %"], [0, "0 %"], [null, "–"], [NaN, "–"]]) {
    assert.equal(format.confidence(given), written, String(given));
  }
});

test("a change has its sign, and none when it is written as nothing", () => {
  assert.equal(format.signed(1234), "+1,234");
  assert.equal(format.signed(-3), "−3");
  assert.equal(format.signed(0), "0");
  assert.equal(format.signed(-0.0004, format.points), "0.0 pp");
  assert.equal(format.signed(0.0125, format.points), "+1.2 pp");
});

test("a class that was not declared has no name", () => {
  assert.equal(format.className(["cat", "dog"], 1), "dog");
  assert.equal(format.className(["cat"], 9), "unknown (9)");
});
