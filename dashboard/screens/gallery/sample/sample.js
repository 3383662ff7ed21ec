// The Sample dialog: one picture large, all its probabilities, its history over the epochs, its tags and its copies.

import { element } from "../../../browser/dom.js";
import { VERDICT_SIGNS, compact, confidence, count, number, plural } from "../../../browser/format.js";
import { crop } from "../tiles/tile.js";
import { drawHistory } from "./history.js";
import { Probabilities } from "./probabilities.js";

const SIDE = 384; // pixels
const MAX_COPIES = 12;

export class SampleDialog {
  // actions: step(by), close(), goTo(epoch), openElsewhere(place), className(kind, k); annotations: the section for tags and the note
  constructor(actions, annotations) {
    this.annotations = annotations;
    this.actions = actions;
    this.title = element("h2", { id: "sample-title" });
    this.badge = element("span", { class: "badge" });
    this.where = element("span", { class: "where" });
    const arrow = (text, label, by) =>
      element("button", { class: "round", type: "button", "aria-label": label, title: label, text, onclick: () => actions.step(by) });
    [this.back, this.next] = [arrow("‹", "Previous image (left arrow)", -1), arrow("›", "Next image (right arrow)", 1)];
    this.picture = element("span", { class: "picture" });
    this.frame = element("div", { class: "frame" }, this.picture);
    this.facts = element("dl", { class: "facts" });
    this.outcome = element("p", { class: "sentence" });
    this.probabilities = new Probabilities(actions.className);
    this.history = element("section", { class: "history", "aria-label": "History over the epochs" });
    this.copies = element("div", { class: "same" });
    this.element = element("dialog", { class: "sample", tabindex: -1, "aria-labelledby": "sample-title" },
      element("header", {}, this.title, this.badge, element("span", { class: "space" }), this.where, this.back, this.next,
        element("button", { class: "round", type: "button", "aria-label": "Close", title: "Close (Esc)", text: "×", onclick: () => this.element.close() })),
      element("div", { class: "body" }, element("div", { class: "left" }, this.frame, this.facts),
        element("div", { class: "right" }, this.outcome, this.probabilities.element, this.history, annotations.element, this.copies)));
    this.element.addEventListener("close", () => { annotations.save(); actions.close(); });
    this.element.addEventListener("click", (event) => { if (event.target === this.element) this.element.close(); });
    this.element.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.key];
    const typing = /^(INPUT|TEXTAREA)$/.test(event.composedPath()[0].tagName);
    if (!by || typing || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.actions.step(by);
  }

  get isOpen() { return this.element.open; }

  close() { if (this.element.open) this.element.close(); }

  // Samples of another run or split are loading: nothing of the one shown before stays.
  blank() {
    this.title.textContent = this.where.textContent = this.badge.textContent = "";
    this.badge.className = "badge";
    this.outcome.replaceChildren();
    this.shown = null;
    this.picture.style.backgroundImage = "none";
    this.frame.querySelector("img")?.remove();
    for (const part of this.parts) part.replaceChildren();
    this.annotations.reset();
  }

  // sample: {index, row, position, shown, verdict, label, predicted, confidence, loss, margin, epoch, table, sheet, cell,
  // columns, exact, display, original}; details: from the server, of this or of another sample, or null
  show(sample, details) {
    const opens = !this.element.open;
    this.title.textContent = `Image ${count(sample.index)}`;
    this.badge.className = `badge ${sample.verdict}`;
    this.badge.textContent = `${VERDICT_SIGNS[sample.verdict]} ${sample.verdict}`;
    this.where.textContent = sample.position < 0 ? "not in this filter" : `${count(sample.position + 1)} of ${count(sample.shown)}`;
    this.back.disabled = sample.position === 0;
    this.next.disabled = sample.position === sample.shown - 1;
    this.showOutcome(sample);
    this.showPicture(sample);
    if (details?.index === sample.index) this.showDetails(sample, details);
    else this.wait();
    if (opens) { this.element.showModal(); this.element.focus(); }
  }

  showOutcome({ verdict, label, predicted, confidence: share, loss, margin }) {
    const { className } = this.actions;
    const pair = (name, value, kind = null) =>
      element("span", { class: "pair" }, element("i", { text: name }), element("b", { class: kind, text: value }));
    this.outcome.replaceChildren(
      pair("Label", label === null ? "none" : className("label", label)),
      pair("Predicted", className("predicted", predicted), verdict),
      pair("Confidence", confidence(share)), pair("Loss", number(loss)), pair("Margin", number(margin)));
  }

  showPicture(sample) {
    const shown = `${sample.index} ${sample.original || ""} ${sample.sheet?.state} ${sample.sheet?.url}`;
    if (shown === this.shown) return;
    this.shown = shown;
    this.frame.classList.toggle("smooth", !sample.exact);
    this.picture.style.backgroundImage = "none";
    this.frame.querySelector("img")?.remove();
    const loading = sample.sheet === undefined;
    const cut = sample.sheet?.state === "ready" && crop(this.picture, sample, sample.row, sample.sheet, SIDE);
    this.frame.classList.toggle("blank", !cut && !loading);
    this.frame.classList.toggle("unknown", !cut && !loading && sample.sheet !== null);
    if (sample.original) {
      const image = element("img", { alt: "", src: sample.original });
      image.addEventListener("load", () => { this.picture.style.backgroundImage = "none"; });
      image.addEventListener("error", () => image.remove());
      this.frame.append(image);
    }
  }

  get parts() { return [this.facts, this.probabilities.element, this.history, this.copies]; }

  // The details are loading; those of the image before stay, dimmed.
  wait() {
    for (const part of this.parts) part.classList.add("waiting");
    this.copies.replaceChildren();
  }

  fail(message) { this.probabilities.fail(`The details of this image could not be loaded: ${message}`); }

  showDetails(sample, details) {
    for (const part of this.parts) part.classList.remove("waiting");
    this.showFacts(details, sample.display);
    this.probabilities.show(details);
    drawHistory(this.history, details.history, { epoch: sample.epoch, className: this.actions.className, goTo: this.actions.goTo });
  }

  showFacts(d, display) {
    const values = d.min === null ? null : `${compact(d.min)} to ${compact(d.max)}, mean ${compact(d.mean)}, std ${compact(d.std)}`;
    const facts = [
      ["Input", d.width === null ? null : `${d.width} × ${d.height} × ${d.channels} ${d.dtype || ""}`],
      ["Values", values],
      ["Shown", display && [display.text, display.reason].filter(Boolean).join(": ")],
      ["Not finite", d.nonfinite ? `${plural(d.nonfinite, "value is", "values are")} NaN or infinite` : null],
      ["Weight", d.weight === null ? null : compact(d.weight)],
      ["Source", d.source],
      ["Digest", d.digest],
    ];
    this.facts.replaceChildren(...facts.filter(([, value]) => value).flatMap(([name, value]) => [
      element("dt", { text: name }), element("dd", { text: value, title: value }),
    ]));
  }

  failCopies(message) {
    this.copies.replaceChildren(element("p", { class: "rest", text: `The other runs could not be searched: ${message}` }));
  }

  // places: the same pixels elsewhere, from the server
  showCopies(places) {
    const heading = element("h3", { text: "Same picture elsewhere" });
    if (!places.length) {
      this.copies.replaceChildren(heading, element("p", { class: "rest", text: "In no other run, and only once in this one." }));
      return;
    }
    const more = places.length - MAX_COPIES;
    this.copies.replaceChildren(heading, ...places.slice(0, MAX_COPIES).map((place) => this.copy(place)),
      more > 0 ? element("p", { class: "rest", text: `and ${plural(more, "more place")}` }) : "");
  }

  copy(place) {
    const { outcome } = place;
    const text = outcome
      ? `${VERDICT_SIGNS[outcome.verdict]} ${outcome.predicted_name} ${confidence(outcome.confidence)} at epoch ${place.epoch + 1}`
      : "not predicted";
    return element("button", { class: "place", type: "button", onclick: () => this.actions.openElsewhere(place) },
      element("b", { text: place.title }), element("span", { text: `${place.split} ${count(place.index)}` }),
      element("i", { class: outcome?.verdict, text }));
  }
}
