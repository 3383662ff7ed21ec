// Cards: a title, a large value, its change, a note, a small chart, and a link to the images that the value counts.

import { element, svg, updateChildren } from "./dom.js";
import { anchor } from "./navigation.js";

const WIDTH = 84, HEIGHT = 40; // of a chart, in pixels
const MAX_BARS = 32; // more are drawn as a line
const LONG = 16; // characters; a longer value is written smaller

// Cards are updated in place, so that new data do not swallow a press that has begun.
export class Cards {
  constructor() { this.element = element("div", { class: "cards" }); }

  // cards: {title, value, sign and kind (of the title: a verdict), change ({text, kind, since} or null), notes ([text]),
  // chart ({values, at, bars, title} or null), link ({href, open, hint} or null)}; null ones are left out
  update(cards) {
    updateChildren(this.element, cards.filter(Boolean), ({ title, link }) => `${title} ${Boolean(link)}`, create, update);
  }
}

function create({ link }) {
  const card = link ? anchor({ href: link.href, open: () => card.link.open() }, { class: "card linked" }) : element("div", { class: "card" });
  card.parts = {
    sign: element("span", { "aria-hidden": "true" }), title: element("span"), value: element("b"),
    change: element("span"), notes: element("span", { class: "notes" }), chart: element("span", { class: "chart", "aria-hidden": "true" }),
  };
  const { sign, title, value, change, notes, chart } = card.parts;
  card.append(element("span", { class: "head" }, element("span", { class: "title" }, sign, title), change),
    element("span", { class: "main" }, element("span", { class: "figures" }, value, notes), chart));
  return card;
}

function update(card, { title, sign = "", kind = "", value, change = null, notes = [], chart = null, link = null }) {
  const { parts } = card;
  card.link = link;
  if (link) card.href = link.href;
  const lines = [
    `${title}: ${value}`, ...notes, change && `Against ${change.since}: ${change.text}`, chart?.title && `Chart: ${chart.title}`, link?.hint,
  ];
  card.title = lines.filter(Boolean).join("\n");
  parts.sign.textContent = sign;
  parts.sign.className = `sign ${kind}`;
  parts.sign.hidden = !sign;
  parts.title.textContent = title;
  parts.value.textContent = value;
  parts.value.className = value.length > LONG ? "value long" : "value";
  parts.change.textContent = change ? change.text : "";
  parts.change.className = `change ${change ? change.kind : ""}`;
  parts.change.hidden = !change;
  parts.notes.textContent = notes.filter(Boolean).join(" · ");
  parts.chart.replaceChildren(...(chart && hasShape(chart) ? [draw(chart)] : []));
}

// From one value to another; null when one of them is not known. write(size) writes the size of the change.
export function changeOf(before, now, write, { since, lowerIsBetter = false }) {
  if (!isNumber(before) || !isNumber(now)) return null;
  const by = now - before, size = write(Math.abs(by));
  if (now === 0 && by === 0) return null; // nothing to mention
  if (!/[1-9∞]/.test(size)) return { text: "no change", kind: "same", since };
  return { text: `${by > 0 ? "↑" : "↓"} ${size}`, kind: by > 0 !== lowerIsBetter ? "better" : "worse", since };
}

const isNumber = (value) => value !== null && value !== undefined && Number.isFinite(Number(value));

const hasShape = ({ values, bars }) => values.filter(isNumber).length > 1 && (!bars || values.some((value) => value > 0));

// Values over the epochs, the one shown (`at`) marked. Lines go from the least to the greatest value, bars from zero.
function draw({ values, at, bars }) {
  const chart = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT });
  chart.append(...(bars && values.length <= MAX_BARS ? drawBars(values, at) : drawLine(values, at, bars ? 0 : null)));
  return chart;
}

function drawBars(values, at) {
  const most = Math.max(...values.filter(isNumber)) || 1, step = WIDTH / values.length;
  return values.map((value, i) => {
    const height = isNumber(value) ? Math.max(1, (value / most) * (HEIGHT - 2)) : 0;
    return svg("rect", {
      class: i === at ? "now" : null, x: (i * step).toFixed(2), y: (HEIGHT - height).toFixed(2),
      width: Math.max(1, step - (step > 4 ? 2 : 0.6)).toFixed(2), height: height.toFixed(2), rx: step > 4 ? 1 : 0,
    });
  });
}

function drawLine(values, at, base) {
  const known = values.filter(isNumber), least = base ?? Math.min(...known), range = Math.max(...known) - least || 1;
  const x = (i) => (4 + (i / (values.length - 1)) * (WIDTH - 8)).toFixed(1);
  const y = (value) => (HEIGHT - 4 - ((value - least) / range) * (HEIGHT - 10)).toFixed(1);
  const points = values.flatMap((value, i) => (isNumber(value) ? [`${x(i)},${y(value)}`] : []));
  const [first, last] = [points[0], points.at(-1)].map((point) => point.split(",")[0]);
  return [
    svg("polygon", { points: `${first},${HEIGHT} ${points.join(" ")} ${last},${HEIGHT}` }),
    svg("polyline", { points: points.join(" ") }),
    ...(isNumber(values[at]) ? [svg("circle", { cx: x(at), cy: y(values[at]), r: 3 })] : []),
  ];
}
