// One sample over all epochs: a bar for the probability of its label, and below it what was predicted, and for how long.

import { element } from "../../../browser/dom.js";
import { VERDICT_SIGNS, confidence, percent, plural } from "../../../browser/format.js";

const SIGNS_UP_TO = 30; // more epochs leave no room for a sign in each bar
const DENSE_FROM = 60; // and that many none for gaps between the bars

// history: [{epoch, predicted, confidence, probability, verdict}], rising; a click on a bar calls goTo(epoch).
export function drawHistory(section, history, { epoch, className, goTo }) {
  if (!history.length) { section.replaceChildren(); return; }
  const hasLabel = history.some((h) => h.probability !== null);
  const readout = element("span", { class: "readout" }), shown = history.find((h) => h.epoch === epoch);
  const read = (h) => { readout.textContent = h ? sentence(h, className) : ""; };
  read(shown);
  const bars = history.map((h) => {
    const fill = element("span", { class: "fill" });
    fill.style.height = `${100 * ((hasLabel ? h.probability : h.confidence) || 0)}%`;
    const sign = history.length <= SIGNS_UP_TO ? element("span", { class: "sign", "aria-hidden": "true", text: VERDICT_SIGNS[h.verdict] }) : null;
    return element("button", {
      type: "button", class: `epoch ${h.verdict}`, "aria-label": `Go to ${sentence(h, className)}`, "data-epoch": h.epoch,
      "aria-current": h.epoch === epoch ? "true" : null, onclick: () => goTo(h.epoch),
      onpointerenter: () => read(h), onfocus: () => read(h), onpointerleave: () => read(shown), onblur: () => read(shown),
    }, element("span", { class: "column" }, fill), sign);
  });
  const spans = stretches(history).map(({ predicted, verdict, epochs }) => {
    const name = className("predicted", predicted);
    const span = element("span", { class: `span ${verdict}`, title: `${name}, ${plural(epochs, "epoch")}`, text: name });
    span.style.flexGrow = epochs;
    return span;
  });
  const title = hasLabel ? "Probability of the label, by epoch" : "Confidence, by epoch";
  section.classList.toggle("dense", history.length > DENSE_FROM);
  section.replaceChildren(
    element("h3", {}, element("span", { text: title }), readout), element("div", { class: "strip" }, ...bars),
    element("div", { class: "spans", "aria-hidden": "true" }, ...spans),
    element("div", { class: "ends" },
      element("span", { text: `epoch ${history[0].epoch + 1}` }), element("span", { text: String(history.at(-1).epoch + 1) })));
}

function sentence(h, className) {
  const label = h.probability === null ? "" : `, label ${percent(h.probability)}`;
  return `epoch ${h.epoch + 1}: ${className("predicted", h.predicted)} ${confidence(h.confidence)}${label}`;
}

// Consecutive epochs with the same prediction.
function stretches(history) {
  const found = [];
  for (const { predicted, verdict } of history) {
    const last = found.at(-1);
    if (last && last.predicted === predicted && last.verdict === verdict) last.epochs++;
    else found.push({ predicted, verdict, epochs: 1 });
  }
  return found;
}
