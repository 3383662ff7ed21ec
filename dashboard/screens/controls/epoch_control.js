// The epoch control: the accuracy of every epoch as a curve, and on it the epoch that is shown.
//
// What shows the samples moves at once (epoch_events.js) and tells the page by itself; this control follows it. Only
// where nobody shows an epoch does it tell the page, with a rising number that comes back as `ack`.

import { followEpochs, shownOf, want } from "../../browser/epoch_events.js";

const STEP_MS = 450; // a playing epoch stays at least as long
const PATIENCE = 10_000; // for an epoch that was asked for while playing
const SIDES = 7; // pixels from the edge of the plot to the first and the last epoch: half a thumb
const WIDTH = 200, HEIGHT = 48; // of the curve's own coordinates

const controls = new WeakMap();

export function mount({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".epochs");
  let control = controls.get(root);
  if (!control) controls.set(root, (control = new Control(root)));
  control.receive(data, setStateValue);
  return () => { controls.delete(root); control.close(); };
}

class Control {
  constructor(root) {
    this.root = root;
    this.seq = 0;
    this.playing = false;
    this.title = make("span", "title");
    this.latest = button("latest", "Latest", "Follow the latest epoch", () => this.byHand(this.shown.pinned === null ? this.shown.epoch : null));
    this.curve = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.slider = make("input", "slider", { type: "range", min: 0, step: 1, "aria-label": "Epoch" });
    this.slider.addEventListener("input", () => this.byHand(this.data.epochs[Number(this.slider.value)]));
    this.plot = make("div", "plot");
    this.plot.append(this.curve, this.slider);
    this.plot.addEventListener("pointermove", (event) => this.say(this.under(event)));
    this.plot.addEventListener("pointerleave", () => this.say(null));
    this.back = button("step", "‹", "Epoch before", () => this.step(-1));
    this.play = button("step play", "", "Play", () => (this.playing ? this.stop() : this.start()));
    this.next = button("step", "›", "Next epoch", () => this.step(1));
    this.said = make("span", "said");
    const head = make("div", "head"), foot = make("div", "foot");
    head.append(this.title, this.latest);
    foot.append(this.back, this.play, this.next, this.said);
    root.replaceChildren(head, this.plot, foot);
    root.addEventListener("keydown", (event) => event.stopPropagation()); // Streamlit has shortcuts on single letters
    this.leave = followEpochs({ subject: () => this.data?.subject, shown: (now) => this.hear(now) });
  }

  receive(data, setStateValue) {
    if (this.data && this.data.subject !== data.subject) { this.halt(); this.own = null; }
    this.data = data;
    this.setStateValue = setStateValue;
    if (data.ack >= this.seq) { this.seq = data.ack; this.own = null; }
    for (const [name, colour] of Object.entries(data.colours)) this.root.style.setProperty(`--${name}`, colour);
    this.root.style.colorScheme = data.theme;
    this.draw();
    this.show(shownOf(data.subject) ?? this.own ?? this.at(data.pinned));
  }

  at(pinned) { return { epoch: pinned ?? this.data.epochs.at(-1), pinned }; }

  // --- what a person does --------------------------------------------------------------------

  byHand(epoch) {
    this.halt();
    this.go(epoch);
  }

  step(by) {
    const at = this.place() + by;
    if (at >= 0 && at < this.data.epochs.length) this.byHand(this.data.epochs[at]);
  }

  // ahead: the epoch that will be wanted next, so that it can be fetched meanwhile.
  go(epoch, passing = false) {
    const { subject, epochs } = this.data, wanted = this.at(epoch);
    const was = this.place(), is = epochs.indexOf(wanted.epoch);
    this.show(wanted);
    const ahead = epochs[is + (passing || is >= was ? 1 : -1)] ?? null;
    if (want(subject, epoch, { passing, ahead })) return true;
    this.own = wanted;
    this.setStateValue("told", { epoch, seq: ++this.seq });
    return false;
  }

  // --- play -------------------------------------------------------------------------------------

  start() {
    const { epochs } = this.data, at = this.place();
    this.followed = this.shown.pinned === null;
    this.playing = true;
    this.advance(at + 1 < epochs.length ? epochs[at + 1] : epochs[0]);
  }

  advance(epoch) {
    this.awaited = epoch;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stop(), PATIENCE);
    if (!this.go(epoch, true)) this.halt(); // nobody to play for
    this.buttons();
  }

  // An epoch that was waited for is on the screen: the next one follows after a while.
  arrived() {
    this.awaited = null;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const next = this.data.epochs[this.place() + 1];
      if (next === undefined) this.stop(this.followed);
      else this.advance(next);
    }, STEP_MS);
  }

  // Stays where it stopped; at the end it follows the latest again if it did before.
  stop(follow = false) {
    this.halt();
    this.go(follow ? null : this.shown.epoch);
  }

  halt() {
    clearTimeout(this.timer);
    this.playing = false;
    this.awaited = null;
    this.buttons();
  }

  // --- what is shown -------------------------------------------------------------------------------

  hear({ epoch, pinned }) {
    if (!this.data) return;
    if (this.playing && pinned !== this.shown.epoch) this.halt(); // a person went elsewhere meanwhile
    this.show(this.at(pinned));
    if (this.playing && epoch === this.awaited) this.arrived();
  }

  place() { return Math.max(0, this.data.epochs.indexOf(this.shown.epoch)); }

  show(now) {
    this.shown = now;
    const { epochs } = this.data, at = this.place();
    this.slider.max = epochs.length - 1;
    this.slider.value = at;
    this.slider.setAttribute("aria-valuetext", this.sentence(at));
    this.title.replaceChildren("Epoch ", strong(now.epoch + 1), ` of ${epochs.at(-1) + 1}`);
    this.latest.setAttribute("aria-pressed", String(now.pinned === null));
    this.root.dataset.epoch = now.epoch + 1;
    this.say(null);
    this.buttons();
  }

  buttons() {
    if (!this.shown) return;
    const at = this.place();
    this.back.disabled = at === 0;
    this.next.disabled = at === this.data.epochs.length - 1;
    this.play.classList.toggle("playing", this.playing);
    this.play.setAttribute("aria-label", this.playing ? "Stop" : "Play");
    this.play.title = this.playing ? "Stop" : "Play through the epochs";
  }

  say(at) {
    this.said.textContent = this.shown ? this.sentence(at ?? this.place(), at !== null) : "";
    this.said.classList.toggle("other", at !== null);
  }

  sentence(at, withEpoch = false) {
    const share = this.data.accuracy[at];
    const words = share === null || share === undefined ? "" : `${(100 * share).toFixed(1)} % correct`;
    return [withEpoch || !words ? `epoch ${this.data.epochs[at] + 1}` : "", words].filter(Boolean).join(": ");
  }

  under(event) {
    const box = this.plot.getBoundingClientRect(), last = this.data.epochs.length - 1;
    const share = (event.clientX - box.left - SIDES) / Math.max(1, box.width - 2 * SIDES);
    return Math.max(0, Math.min(last, Math.round(share * last)));
  }

  // The curve from its least to its greatest value: what changed is to be seen, the numbers stand below.
  draw() {
    const { accuracy } = this.data, known = accuracy.filter((v) => v !== null);
    const drawn = `${known.length} ${accuracy}`;
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    if (known.length < 2) { this.curve.replaceChildren(); return; }
    const least = Math.min(...known), range = Math.max(...known) - least || 1;
    const x = (i) => ((i / (accuracy.length - 1)) * WIDTH).toFixed(2);
    const y = (v) => (HEIGHT - 6 - ((v - least) / range) * (HEIGHT - 14)).toFixed(2);
    const points = accuracy.flatMap((v, i) => (v === null ? [] : [`${x(i)},${y(v)}`]));
    const [first, last] = [points[0], points.at(-1)].map((point) => point.split(",")[0]);
    this.curve.replaceChildren(
      svg("polygon", { points: `${first},${HEIGHT} ${points.join(" ")} ${last},${HEIGHT}` }),
      svg("polyline", { points: points.join(" "), "vector-effect": "non-scaling-stroke" }));
  }

  close() {
    clearTimeout(this.timer);
    this.leave();
  }
}

function make(tag, className, attributes = {}) {
  const element = document.createElement(tag);
  element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function button(className, text, label, onclick) {
  const element = make("button", className, { type: "button", "aria-label": label, title: label });
  element.textContent = text;
  element.addEventListener("click", onclick);
  return element;
}

function strong(text) {
  const element = document.createElement("b");
  element.textContent = text;
  return element;
}

function svg(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
