// The controls above the matrix and the legend of its colours.

import { element } from "../../browser/dom.js";
import { count, percent } from "../../browser/format.js";
import { showAll, zoomBy } from "./canvas/input.js";
import { segments, select } from "./widgets.js";

const VALUES = [["counts", "Counts"], ["label", "By label"], ["prediction", "By prediction"]];
const ORDERS = [["index", "Index order"], ["frequency", "Most frequent first"], ["cluster", "Confused together"]];

export function toolbar(s) {
  const { local } = s;
  return element("div", { class: "toolbar" },
    segments("Show", VALUES, local.normalize, (normalize) => s.set({ normalize })),
    toggle("Correct cells", local.diagonal, (diagonal) => s.set({ diagonal })),
    select("Order of the classes", ORDERS, local.order, (order) => s.set({ order })),
    ...comparison(s),
    element("span", { class: "space" }),
    s.epochs.problem ? element("span", { class: "bad", role: "alert", text: s.epochs.problem }) : null,
    ...(s.zoomable ? zoomButtons(s) : []));
}

function toggle(text, on, change) {
  const box = element("input", { type: "checkbox", onchange: (event) => change(event.target.checked) });
  box.checked = on;
  return element("label", { class: "toggle", title: "Show the diagonal" }, box, text);
}

// What to show the difference to: nothing, an epoch of this run, or another run.
function comparison(s) {
  const { run, epoch, runs } = s.data.compare, compared = runs.find((r) => r.id === run);
  const choices = [["", "No comparison"], ...runs.map((r) => [r.id, `Compare: ${r.own ? "this run" : r.title}`])];
  const which = select("Compare with", choices, compared?.id ?? "", (id) => {
    const other = runs.find((r) => r.id === id);
    if (!other) s.update({ compare_run: null, compare_epoch: null });
    else if (other.own) s.update({ compare_run: null, compare_epoch: earlier(other.epochs, s.model.epoch) });
    else s.update({ compare_run: id, compare_epoch: other.epochs.at(-1) });
  });
  if (!compared) return [which];
  const epochs = compared.epochs.map((e) => [String(e), `epoch ${e + 1}`]);
  const change = (e) => s.update({ compare_run: compared.own ? null : compared.id, compare_epoch: Number(e) });
  return [which, select("Epoch compared with", epochs, String(epoch), change)];
}

const earlier = (epochs, now) => epochs.filter((e) => e < now).at(-1) ?? epochs[0];

const button = (text, name, onclick) => element("button", { type: "button", class: "icon", "aria-label": name, title: name, onclick, text });

const zoomButtons = (s) => [
  button("−", "Zoom out", () => zoomBy(s, 1.5)),
  button("+", "Zoom in (wheel, or drag a box)", () => zoomBy(s, 0.66)),
  button("⤢", "Show all classes", () => showAll(s)),
];

// The colour ramps with the values at their ends.
export function legend(s) {
  const { scale, colours, model, local } = s, unit = model.compared ? "pp" : "%";
  const show = (v) => (local.normalize === "counts" ? count(Math.round(v)) : percent(v, v < 0.0995 ? 1 : 0).replace("%", unit));
  const keys = [];
  if (model.compared) {
    for (const name of ["better", "worse"]) keys.push(key(name, colours[name], show(scale.wrong)));
  } else {
    if (local.diagonal) keys.push(key("✓ correct", colours.correct, show(scale.correct)));
    keys.push(key("✕ wrong", colours.wrong, show(scale.wrong)));
    if (model.columns.includes(-1)) keys.push(key("⚠ invalid", colours.invalid, show(scale.wrong)));
  }
  const { logged, available } = s.data.samples;
  const part = available > logged ? `${count(logged)} of ${count(available)} samples were logged. ` : "";
  const hint = s.zoomable ? "Wheel or drag a box to zoom, shift-drag to move. " : "";
  const text = `${part}${hint}Click a cell, a label or a predicted class to open its images.`;
  return element("div", { class: "legend" }, ...keys, element("span", { class: "muted", text }));
}

// From 0 to `most`, drawn as the cells are: by the square root of the value.
function key(name, colours, most) {
  const stops = Array.from({ length: 9 }, (_, i) => `rgb(${colours[Math.round((0.06 + 0.94 * Math.sqrt(i / 8)) * 255)]})`);
  const strip = element("span", { class: "strip" });
  strip.style.background = `linear-gradient(90deg, ${stops.join(",")})`;
  return element("span", { class: "key" }, element("b", { text: name }), "0", strip, most);
}
