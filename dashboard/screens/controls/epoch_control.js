// The epoch control: the accuracy of every epoch as a curve, and on it the epoch that is shown.
//
// A component that shows the samples moves at once (epoch_events.js) and updates the page's state by itself; this control
// follows it. Only where no component shows an epoch does the control update the state.

import { ComponentState } from "../../browser/component_state.js";
import { applyPalette, element, svg } from "../../browser/dom.js";
import { observeShown, queryShown, requestEpoch } from "../../browser/epoch_events.js";
import { percent } from "../../browser/format.js";

const STEP_AFTER = 450; // milliseconds that a playing epoch stays at least
const PATIENCE = 10_000; // milliseconds for an epoch that was requested while playing
const MARGIN = 7; // pixels from the edge of the plot to the first and the last epoch: half a thumb
const WIDTH = 200, HEIGHT = 48; // of the coordinates of the curve

const controls = new WeakMap();

export function mount({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".epochs");
  let control = controls.get(root);
  if (!control) controls.set(root, (control = new Control(root)));
  control.receive(data, (update) => setStateValue("update", update));
  return () => { controls.delete(root); control.close(); };
}

class Control {
  constructor(root) {
    this.root = root;
    this.state = new ComponentState();
    this.isPlaying = false;
    this.title = element("span", { class: "title" });
    this.latest = button("latest", "Latest", "Follow the latest epoch", () => this.select(this.shown.pinned === null ? this.shown.epoch : null));
    this.curve = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.slider = element("input", {
      class: "slider", type: "range", min: 0, step: 1, "aria-label": "Epoch",
      oninput: () => this.select(this.data.epochs[Number(this.slider.value)]),
    });
    this.plot = element("div", {
      class: "plot", onpointermove: (event) => this.read(this.placeUnder(event)), onpointerleave: () => this.read(null),
    }, this.curve, this.slider);
    this.back = button("step", "‹", "Previous epoch", () => this.step(-1));
    this.play = button("step play", "", "Play", () => (this.isPlaying ? this.stop() : this.start()));
    this.next = button("step", "›", "Next epoch", () => this.step(1));
    this.readout = element("span", { class: "readout" });
    root.replaceChildren(element("div", { class: "head" }, this.title, this.latest), this.plot,
      element("div", { class: "foot" }, this.back, this.play, this.next, this.readout));
    root.addEventListener("keydown", (event) => event.stopPropagation()); // Streamlit has shortcuts on single letters
    this.ignoreShown = observeShown({ subject: () => this.data?.subject, onShown: (shown) => this.onShown(shown) });
  }

  receive(data, update) {
    if (this.data && this.data.subject !== data.subject) this.halt();
    this.data = data;
    this.state.receive(data, update);
    applyPalette(this.root, data.colours, data.theme);
    this.draw();
    const { fields } = this.state;
    this.show(queryShown(data.subject) ?? this.resolve("epoch" in fields ? fields.epoch : data.pinned));
  }

  // null follows the latest epoch.
  resolve(pinned) { return { epoch: pinned ?? this.data.epochs.at(-1), pinned }; }

  // --- selecting --------------------------------------------------------------------------------

  select(epoch) {
    this.halt();
    this.go(epoch);
  }

  step(by) {
    const at = this.place() + by;
    if (at >= 0 && at < this.data.epochs.length) this.select(this.data.epochs[at]);
  }

  // Returns whether a component shows the epoch.
  go(epoch, passing = false) {
    const { subject, epochs } = this.data, wanted = this.resolve(epoch);
    const from = this.place(), to = epochs.indexOf(wanted.epoch);
    this.show(wanted);
    const ahead = epochs[to + (passing || to >= from ? 1 : -1)] ?? null;
    if (requestEpoch(subject, epoch, { passing, ahead })) return true;
    this.state.change({ epoch });
    this.state.send();
    return false;
  }

  // --- playing ----------------------------------------------------------------------------------

  start() {
    const { epochs } = this.data, at = this.place();
    this.wasFollowing = this.shown.pinned === null;
    this.isPlaying = true;
    this.advance(at + 1 < epochs.length ? epochs[at + 1] : epochs[0]);
  }

  advance(epoch) {
    this.awaited = epoch;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stop(), PATIENCE);
    if (!this.go(epoch, true)) this.halt(); // no component shows epochs
    this.updateButtons();
  }

  // The awaited epoch is on the screen: the next one follows after a while.
  arrive() {
    this.awaited = null;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const next = this.data.epochs[this.place() + 1];
      if (next === undefined) this.stop(this.wasFollowing);
      else this.advance(next);
    }, STEP_AFTER);
  }

  // Stays at the epoch where it stopped, or follows the latest one again.
  stop(follow = false) {
    this.halt();
    this.go(follow ? null : this.shown.epoch);
  }

  halt() {
    clearTimeout(this.timer);
    this.isPlaying = false;
    this.awaited = null;
    this.updateButtons();
  }

  // --- drawing ----------------------------------------------------------------------------------

  onShown({ epoch, pinned }) {
    if (!this.data) return;
    if (this.isPlaying && pinned !== this.shown.epoch) this.halt(); // another epoch was selected meanwhile
    this.show(this.resolve(pinned));
    if (this.isPlaying && epoch === this.awaited) this.arrive();
  }

  // The place of the shown epoch among those logged.
  place() { return Math.max(0, this.data.epochs.indexOf(this.shown.epoch)); }

  show(shown) {
    this.shown = shown;
    const { epochs } = this.data, at = this.place();
    this.slider.max = epochs.length - 1;
    this.slider.value = at;
    this.slider.setAttribute("aria-valuetext", this.describe(at));
    this.title.replaceChildren("Epoch ", element("b", { text: shown.epoch + 1 }), ` of ${epochs.at(-1) + 1}`);
    this.latest.setAttribute("aria-pressed", String(shown.pinned === null));
    this.root.dataset.epoch = shown.epoch + 1;
    this.read(null);
    this.updateButtons();
  }

  updateButtons() {
    if (!this.shown) return;
    const at = this.place();
    this.back.disabled = at === 0;
    this.next.disabled = at === this.data.epochs.length - 1;
    this.play.classList.toggle("playing", this.isPlaying);
    this.play.setAttribute("aria-label", this.isPlaying ? "Stop" : "Play");
    this.play.title = this.isPlaying ? "Stop" : "Play through the epochs";
  }

  // Shows the accuracy of the epoch at a place, null: of the one shown.
  read(at) {
    this.readout.textContent = this.shown ? this.describe(at ?? this.place(), at !== null) : "";
    this.readout.classList.toggle("other", at !== null);
  }

  describe(at, withEpoch = false) {
    const share = this.data.accuracy[at] ?? null, words = share === null ? "" : `${percent(share)} correct`;
    return [withEpoch || !words ? `epoch ${this.data.epochs[at] + 1}` : "", words].filter(Boolean).join(": ");
  }

  placeUnder(event) {
    const box = this.plot.getBoundingClientRect(), last = this.data.epochs.length - 1;
    const share = (event.clientX - box.left - MARGIN) / Math.max(1, box.width - 2 * MARGIN);
    return Math.max(0, Math.min(last, Math.round(share * last)));
  }

  // The curve from its least to its greatest value: it is there to show changes, the readout to show values.
  draw() {
    const { accuracy } = this.data, known = accuracy.filter((v) => v !== null), drawn = `${known.length} ${accuracy}`;
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
    this.state.close();
    this.ignoreShown();
  }
}

const button = (name, text, label, onclick) => element("button", { class: name, type: "button", "aria-label": label, title: label, onclick, text });
