import assert from "node:assert/strict";
import { test } from "node:test";
import { hexToRgb, inkOn, oklchToRgb, ramp, rgbToOklch } from "../../dashboard/screens/confusion/canvas/colours.js";
import { axes, buildModel, cellText, colourOf, describe, kindOf, nameOf, scaleOf, valuesOf } from "../../dashboard/screens/confusion/model.js";

// Two declared classes, an undeclared label, invalid outputs, and an unlabelled sample predicted as cat.
const matrix = (extra = {}) => ({
  epoch: 2, classes: 2, names: ["cat", "dog"], rows: [0, 1, 9], columns: [0, 1, -1], label: [0, 0, 0, 1, 9], predicted: [0, 1, -1, 1, 0],
  count: [6, 2, 2, 4, 1], before: null, unlabelled: { 0: 3 }, orders: { frequency: [1, 0] }, ...extra,
});
const compared = () => matrix({ before: [8, 1, 1, 4, 1] });

test("values are counts or shares of the row or column", () => {
  const model = buildModel(matrix());
  assert.deepEqual([...valuesOf(model, "counts")], [6, 2, 2, 4, 1]);
  assert.deepEqual([...valuesOf(model, "label")], [0.6, 0.2, 0.2, 1, 1]);
  assert.deepEqual([...valuesOf(model, "prediction")].map((v) => Number(v.toFixed(4))), [0.8571, 0.3333, 1, 0.6667, 0.1429]);
});

test("compared values are the changes", () => {
  const model = buildModel(compared());
  assert.deepEqual([...valuesOf(model, "counts")], [-2, 1, 1, 0, 0]);
  assert.deepEqual([...valuesOf(model, "label")].map((v) => Number(v.toFixed(4))), [-0.2, 0.1, 0.1, 0, 0]);
});

test("an order permutes the declared classes and leaves the others at the end", () => {
  const model = buildModel(matrix());
  assert.deepEqual(axes(model, "index"), { rows: [0, 1, 9], columns: [0, 1, -1] });
  assert.deepEqual(axes(model, "frequency"), { rows: [1, 0, 9], columns: [1, 0, -1] });
});

test("names: of a class, of an undeclared one, and of invalid outputs, which are a column only", () => {
  const model = buildModel(matrix());
  assert.deepEqual([nameOf(model, 1, false), nameOf(model, 9, false), nameOf(model, -1, true)], ["dog", "unknown (9)", "invalid"]);
});

test("correct cells and errors have scales of their own; shares of correct cells go to 1", () => {
  const model = buildModel(matrix());
  assert.deepEqual([0, 1, 2, 4].map((i) => kindOf(model, i)), ["correct", "wrong", "invalid", "wrong"]);
  assert.deepEqual(scaleOf(model, valuesOf(model, "counts"), "counts", true), { correct: 6, wrong: 2 });
  assert.deepEqual(scaleOf(model, valuesOf(model, "label"), "label", true), { correct: 1, wrong: 1 });
  assert.equal(scaleOf(model, valuesOf(model, "prediction"), "prediction", true).correct, 1);
  const change = buildModel(compared());
  assert.deepEqual(scaleOf(change, valuesOf(change, "counts"), "counts", true), { correct: 2, wrong: 2 });
  assert.deepEqual(scaleOf(change, valuesOf(change, "counts"), "counts", false), { correct: 1, wrong: 1 });
});

test("a rise of errors and a fall of correct ones are worse", () => {
  const steps = (name) => Array.from({ length: 256 }, () => [name]), model = buildModel(compared()), values = valuesOf(model, "counts");
  const colours = { surface: ["none"], better: steps("better"), worse: steps("worse") };
  assert.deepEqual([0, 1, 3].map((i) => colourOf(model, colours, values, { correct: 2, wrong: 1 }, i)[0]), ["worse", "worse", "none"]);
});

test("one sample is never as faint as none, and the most are the full colour", () => {
  const model = buildModel(matrix()), steps = Array.from({ length: 256 }, (_, i) => [i]);
  const colours = { surface: ["none"], correct: steps, wrong: steps, invalid: steps };
  const at = (value, i = 0) => colourOf(model, colours, { [i]: value }, { correct: 1e6, wrong: 10 }, i)[0];
  assert.ok(at(1) >= 15);
  assert.equal(at(1e6), 255);
});

test("the text of a cell is short, never 0 for some, and has its sign when compared", () => {
  const model = buildModel(matrix()), change = buildModel(compared());
  assert.equal(cellText(model, "counts", 1234, 60), "1,234");
  assert.equal(cellText(model, "label", 0.5, 50), "50 %");
  assert.equal(cellText(model, "label", 0.5, 40), "50");
  assert.equal(cellText(model, "label", 0.061, 50), "6.1 %");
  assert.equal(cellText(model, "label", 0.001, 30), "<1");
  assert.equal(cellText(change, "counts", -3, 50), "−3");
  assert.equal(cellText(change, "label", 0.2, 50), "+20");
});

test("a description counts what a click opens", () => {
  const model = buildModel(matrix()), change = buildModel(compared());
  assert.deepEqual(describe(model, 0, 1, ""), ["cat → dog", "2 images", "20.0 % of label cat", "33.3 % of predicted dog"]);
  assert.deepEqual(describe(model, 0, null, ""), ["label cat", "10 images", "60.0 % predicted correctly (recall)"]);
  assert.deepEqual(describe(model, null, 0, ""), ["predicted cat", "10 images", "3 of them unlabelled", "85.7 % of them correct (precision)"]);
  assert.deepEqual(describe(model, null, -1, ""), ["predicted invalid", "2 images", "NaN or infinite output"]);
  assert.equal(describe(model, 1, 0, "")[1], "0 images");
  assert.equal(describe(change, 0, 0, "epoch 1").at(-1), "8 in epoch 1 (−2)");
  assert.equal(describe(change, 1, 1, "epoch 1").at(-1), "4 in epoch 1 (0)");
});

test("a ramp begins at the surface and its lightness goes one way", () => {
  for (const surface of ["#f4f5fa", "#171b30"]) {
    const colours = ramp(surface, "#D55E00"), lightness = colours.map((rgb) => rgbToOklch(rgb)[0]);
    assert.deepEqual(colours[0], hexToRgb(surface));
    const way = Math.sign(lightness.at(-1) - lightness[0]);
    for (let i = 1; i < colours.length; i++) assert.ok(way * (lightness[i] - lightness[i - 1]) > -0.01, `${surface} ${i}`);
  }
});

test("colours survive the way to OKLCH and back", () => {
  for (const hex of ["#000000", "#ffffff", "#d55e00", "#0072b2", "#7f7f7f"]) {
    assert.deepEqual(oklchToRgb(...rgbToOklch(hexToRgb(hex))), hexToRgb(hex));
  }
});

test("ink contrasts with its ground", () => {
  assert.equal(inkOn([255, 255, 255]), "#12141f");
  assert.equal(inkOn([10, 10, 60]), "#ffffff");
});
