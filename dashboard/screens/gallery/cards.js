// The numbers above the tiles: how the epoch shown did, against the one before. They follow the epoch at once.

import { make, count, number, percent } from "./dom.js";

const WIDTH = 88, HEIGHT = 34;

export class Cards {
  constructor(change) {
    this.change = change;
    this.element = make("div", { class: "cards" });
  }

  // totals: per epoch; epoch: the one shown; pair: {label, predicted, images} or null; name(kind, k)
  update({ totals, epoch, pair, name }) {
    const at = totals.findIndex((t) => t.epoch === epoch);
    if (at < 0) { this.element.hidden = true; return; }
    const now = totals[at], before = totals[at - 1];
    const known = now.accuracy !== null;
    const cards = known ? this.labelled(now, before, totals, at, pair, name) : this.unlabelled(now, before, totals, at);
    this.element.hidden = false;
    this.element.replaceChildren(...cards);
  }

  labelled(now, before, totals, at, pair, name) {
    const points = before && before.accuracy !== null ? 100 * (now.accuracy - before.accuracy) : null;
    const loss = before && before.loss !== null && now.loss !== null ? now.loss - before.loss : null;
    return [
      card("Accuracy", percent(now.accuracy, 1), {
        delta: points, text: points === null ? "" : `${Math.abs(points).toFixed(1)} pp`,
        under: `95 %: ${(100 * now.low).toFixed(1)} to ${(100 * now.high).toFixed(1)}`,
        line: totals.map((t) => t.accuracy), at,
      }),
      card("Mean loss", number(now.loss), {
        delta: loss, text: loss === null ? "" : number(Math.abs(loss), 2), inverse: true, under: "nats, from the log",
        line: totals.map((t) => t.loss), at,
      }),
      card("Wrong", count(now.wrong), {
        delta: before ? now.wrong - before.wrong : null, text: before ? count(Math.abs(now.wrong - before.wrong)) : "", inverse: true,
        under: now.invalid ? `of ${count(now.labelled)}, and ${count(now.invalid)} invalid` : `of ${count(now.labelled)} labelled`,
        line: totals.map((t) => t.wrong), at, act: () => this.change({ verdict: "wrong" }), hint: "Show the wrong images",
      }),
      pair ? card("Most confused", `${name("label", pair.label)} → ${name("predicted", pair.predicted)}`, {
        under: `${count(pair.images)} ${pair.images === 1 ? "image" : "images"}`, hint: "Show these images",
        act: () => this.change({ label: pair.label, predicted: pair.predicted, verdict: null }),
      }) : card("Most confused", "none", { under: "every labelled image is correct" }),
    ];
  }

  unlabelled(now, before, totals, at) {
    return [
      card("Images", count(now.samples), { under: "without labels" }),
      card("Mean confidence", percent(now.sure, 1), { line: totals.map((t) => t.sure), at, under: "of what was predicted" }),
      card("Invalid", count(now.invalid), {
        line: totals.map((t) => t.invalid), at, under: "outputs with NaN", act: () => this.change({ verdict: "invalid" }), hint: "Show the invalid outputs",
      }),
    ];
  }
}

// delta: signed change since the epoch before; inverse: less is better
function card(title, value, { delta = null, text = "", inverse = false, under = "", line = null, at = 0, act = null, hint = null }) {
  const better = delta === null || delta === 0 ? "" : delta > 0 !== inverse ? "better" : "worse";
  const change = delta === null ? null : make("span", {
    class: `delta ${better}`, title: "since the epoch before", text: delta === 0 ? "=" : `${delta > 0 ? "↑" : "↓"} ${text}`,
  });
  const words = make("span", { class: "words" }, make("span", { class: "what", text: title }),
    make("span", { class: "value" }, make("b", { text: value, title: value }), change), make("span", { class: "under", text: under }));
  const chart = line && line.length > 1 ? sparkline(line, at) : null;
  return act ? make("button", { class: "card", type: "button", title: hint, onclick: act }, words, chart) : make("div", { class: "card" }, words, chart);
}

function sparkline(values, at) {
  const known = values.filter((v) => v !== null);
  const least = Math.min(...known), range = Math.max(...known) - least || 1;
  const x = (i) => 3 + (i / (values.length - 1)) * (WIDTH - 6);
  const y = (v) => HEIGHT - 4 - ((v - least) / range) * (HEIGHT - 8);
  const line = svg("polyline", { points: values.map((v, i) => (v === null ? "" : `${x(i).toFixed(1)},${y(v).toFixed(1)}`)).join(" ") });
  const dot = values[at] === null ? "" : svg("circle", { cx: x(at), cy: y(values[at]), r: 3 });
  const chart = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, "aria-hidden": "true", class: "spark" });
  chart.append(line, dot);
  return chart;
}

function svg(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
