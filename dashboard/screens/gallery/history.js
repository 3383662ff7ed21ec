// One sample over all epochs: a bar for the probability of its label, and below it what was predicted, and for how long.

import { make, confidence, percent } from "./dom.js";
import { SIGNS } from "./grid.js";

const SIGNS_UP_TO = 30; // more epochs leave no room for a sign in each bar

// history: [{epoch, predicted, confidence, probability, verdict}], rising. goTo(epoch) is called on a click.
export function drawHistory(element, history, { epoch, name, goTo }) {
  if (!history.length) { element.replaceChildren(); return; }
  const labelled = history.some((h) => h.probability !== null);
  const says = make("span", { class: "says" });
  const tell = (h) => { says.textContent = h ? sentence(h, name) : ""; };
  const now = history.find((h) => h.epoch === epoch);
  tell(now);
  const bars = history.map((h) => {
    const share = labelled ? h.probability : h.confidence;
    const fill = make("span", { class: "fill" });
    fill.style.height = `${100 * (share || 0)}%`;
    const button = make("button", {
      type: "button", class: `epoch ${h.verdict}`, "aria-label": `Go to ${sentence(h, name)}`, "data-epoch": h.epoch,
      "aria-current": h.epoch === epoch ? "true" : null, onclick: () => goTo(h.epoch),
      onpointerenter: () => tell(h), onfocus: () => tell(h), onpointerleave: () => tell(now), onblur: () => tell(now),
    }, make("span", { class: "column" }, fill), history.length <= SIGNS_UP_TO ? make("span", { class: "sign", "aria-hidden": "true", text: SIGNS[h.verdict] }) : null);
    return button;
  });
  const spans = runsOf(history).map(({ predicted, verdict, epochs }) => {
    const span = make("span", { class: `span ${verdict}`, title: `${name("predicted", predicted)}, ${epochs} epochs`, text: name("predicted", predicted) });
    span.style.flexGrow = epochs;
    return span;
  });
  const title = labelled ? "Probability of the label, by epoch" : "Confidence, by epoch";
  element.classList.toggle("dense", history.length > 60);
  element.replaceChildren(make("h3", {}, make("span", { text: title }), says), make("div", { class: "strip" }, ...bars),
    make("div", { class: "spans", "aria-hidden": "true" }, ...spans),
    make("div", { class: "ends" }, make("span", { text: `epoch ${history[0].epoch + 1}` }), make("span", { text: String(history.at(-1).epoch + 1) })));
}

function sentence(h, name) {
  const label = h.probability === null ? "" : `, label ${percent(h.probability, 1)}`;
  return `epoch ${h.epoch + 1}: ${name("predicted", h.predicted)} ${confidence(h.confidence)}${label}`;
}

// Stretches of epochs with the same prediction.
function runsOf(history) {
  const runs = [];
  for (const { predicted, verdict } of history) {
    const last = runs.at(-1);
    if (last && last.predicted === predicted && last.verdict === verdict) last.epochs++;
    else runs.push({ predicted, verdict, epochs: 1 });
  }
  return runs;
}
