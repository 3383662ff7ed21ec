// The Sample dialog: one picture in full, all its probabilities, and its history over the epochs.

import { make, confidence, count, number, percent } from "./dom.js";
import { SIGNS, crop } from "./grid.js";
import { drawHistory } from "./history.js";

const SIDE = 384;
const FEW = 12; // bars that are always shown
const BARS = 8; // of more classes the highest, until all are asked for

export class SampleDialog {
  // actions: step(by), close(), goTo(epoch), elsewhere(place), name(kind, k); remarks: the part for tags and the note
  constructor(actions, remarks) {
    this.remarks = remarks;
    this.actions = actions;
    this.title = make("h2", { id: "sample-title" });
    this.badge = make("span", { class: "badge" });
    this.where = make("span", { class: "where" });
    const arrow = (text, label, by) =>
      make("button", { class: "round", type: "button", "aria-label": label, title: label, text, onclick: () => actions.step(by) });
    [this.back, this.next] = [arrow("‹", "Previous image (left arrow)", -1), arrow("›", "Next image (right arrow)", 1)];
    this.picture = make("span", { class: "picture" });
    this.frame = make("div", { class: "frame" }, this.picture);
    this.facts = make("dl", { class: "facts" });
    this.verdict = make("p", { class: "sentence" });
    this.bars = make("div", { class: "bars" });
    this.history = make("section", { class: "history", "aria-label": "History over the epochs" });
    this.same = make("div", { class: "same" });
    this.element = make("dialog", { class: "sample", tabindex: -1, "aria-labelledby": "sample-title" },
      make("header", {}, this.title, this.badge, make("span", { class: "space" }), this.where, this.back, this.next,
        make("button", { class: "round", type: "button", "aria-label": "Close", title: "Close (Esc)", text: "×", onclick: () => this.element.close() })),
      make("div", { class: "body" }, make("div", { class: "left" }, this.frame, this.facts),
        make("div", { class: "right" }, this.verdict, this.bars, this.history, remarks.element, this.same)));
    this.element.addEventListener("close", () => { remarks.save(); actions.close(); });
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

  get open() { return this.element.open; }

  close() { if (this.element.open) this.element.close(); }

  // at: {index, row, position, shown, verdict, epoch, table, sheet, cell, columns, exact, original}
  show(at, details) {
    const { name } = this.actions;
    const first = !this.element.open;
    this.title.textContent = `Image ${count(at.index)}`;
    this.badge.className = `badge ${at.verdict}`;
    this.badge.textContent = `${SIGNS[at.verdict]} ${at.verdict}`;
    this.where.textContent = at.position < 0 ? "not in this filter" : `${count(at.position + 1)} of ${count(at.shown)}`;
    this.back.disabled = at.position === 0;
    this.next.disabled = at.position === at.shown - 1;
    const label = at.label === null ? null : name("label", at.label);
    const predicted = name("predicted", at.predicted);
    this.verdict.replaceChildren(
      make("span", { class: "pair" }, make("i", { text: "Label" }), make("b", { text: label ?? "none" })),
      make("span", { class: "pair" }, make("i", { text: "Predicted" }), make("b", { class: at.verdict, text: predicted })),
      make("span", { class: "pair" }, make("i", { text: "Confidence" }), make("b", { text: confidence(at.confidence) })),
      make("span", { class: "pair" }, make("i", { text: "Loss" }), make("b", { text: number(at.loss) })),
      make("span", { class: "pair" }, make("i", { text: "Margin" }), make("b", { text: number(at.margin) })));
    this.showPicture(at);
    if (!details || details.index !== at.index) { this.blank(); } else this.showDetails(at, details);
    if (first) { this.element.showModal(); this.element.focus(); }
  }

  showPicture(at) {
    const shown = `${at.index} ${at.original || ""} ${Boolean(at.sheet)}`;
    if (shown === this.shown) return;
    this.shown = shown;
    this.frame.classList.toggle("smooth", !at.exact);
    this.frame.classList.toggle("blank", at.sheet === null);
    this.picture.style.backgroundImage = "none";
    this.frame.querySelector("img")?.remove();
    if (at.sheet) crop(this.picture, at, at.row, at.sheet, SIDE);
    if (at.original) {
      const image = make("img", { alt: "", src: at.original });
      image.addEventListener("load", () => { this.picture.style.backgroundImage = "none"; });
      image.addEventListener("error", () => image.remove());
      this.frame.append(image);
    }
  }

  blank() {
    for (const part of [this.facts, this.bars, this.history, this.same]) part.classList.add("waiting");
    this.same.replaceChildren();
  }

  fail(message) {
    this.bars.classList.remove("waiting");
    this.bars.replaceChildren(make("p", { class: "problem", text: `This image's details could not be read: ${message}` }));
  }

  showDetails(at, details) {
    for (const part of [this.facts, this.bars, this.history, this.same]) part.classList.remove("waiting");
    this.showFacts(details);
    this.showBars(details);
    drawHistory(this.history, details.history, { epoch: at.epoch, name: this.actions.name, goTo: this.actions.goTo });
  }

  showFacts(d) {
    const range = `${number(d.min)} to ${number(d.max)}`;
    const facts = [
      ["Input", d.width === null ? null : `${d.width} × ${d.height} × ${d.channels} ${d.dtype || ""}`],
      ["Values", d.min === null ? null : `${range}, mean ${number(d.mean)}, std ${number(d.std)}`],
      ["Not finite", d.nonfinite ? `${count(d.nonfinite)} values are NaN or infinite` : null],
      ["Weight", d.weight === null ? null : number(d.weight)],
      ["Source", d.source],
      ["Digest", d.digest],
    ];
    this.facts.replaceChildren(...facts.filter(([, value]) => value).flatMap(([name, value]) => [
      make("dt", { text: name }), make("dd", { text: value, title: value }),
    ]));
  }

  showBars({ outcome, soft_label: soft }) {
    if (!outcome) {
      this.bars.replaceChildren(make("p", { class: "problem", text: "This image was not predicted at this epoch." }));
      return;
    }
    const { name } = this.actions, all = outcome.probabilities;
    const many = this.allBars || all.length <= FEW ? all.length : BARS;
    const shown = all.slice(0, many), label = all.slice(many).find(([k]) => k === outcome.label);
    if (label) shown.push(label);
    const rest = all.slice(many).filter((pair) => pair !== label);
    const sum = (pairs) => pairs.reduce((total, [, p]) => total + (p || 0), 0);
    const more = (text, shows) => make("button", { class: "link", type: "button", text, onclick: () => { this.allBars = shows; this.showBars({ outcome, soft_label: soft }); } });
    const under = [
      rest.length ? make("span", { text: `${count(rest.length)} more ${rest.length === 1 ? "class has" : "classes share"} ${percent(sum(rest), 1)}` }) : null,
      rest.length ? more(`Show all ${count(all.length)}`, true) : this.allBars && all.length > FEW ? more("Show fewer", false) : null,
      outcome.unstored ? make("span", { text: `${count(outcome.unstored)} other classes share ${percent(Math.max(0, 1 - sum(all)), 1)}; of so many only the highest are stored` }) : null,
    ].filter(Boolean);
    this.bars.replaceChildren(...shown.map(([k, p]) => {
      const truth = k === outcome.label ? "truth" : "";
      const bar = make("span", { class: "bar" }, make("span", { class: "fill" }));
      bar.firstChild.style.width = `${100 * Math.max(0, Math.min(1, p || 0))}%`;
      const soften = soft && soft[k] !== undefined ? `, labelled ${percent(soft[k])}` : "";
      return make("div", { class: `row ${truth} ${k === outcome.predicted ? "top" : ""} ${outcome.verdict}` },
        make("span", { class: "name", title: name("label", k), text: name("label", k) }), bar,
        make("span", { class: "share", text: percent(p, 1) + soften }),
        make("span", { class: "tag", text: truth ? "label" : "" }));
    }), under.length ? make("p", { class: "rest" }, ...under) : "");
  }

  failSame(message) {
    this.same.replaceChildren(make("p", { class: "rest", text: `Other runs could not be searched: ${message}` }));
  }

  // places: the same pixels elsewhere, from the server
  showSame(places) {
    if (!places.length) { this.same.replaceChildren(make("h3", { text: "Same picture elsewhere" }), make("p", { class: "rest", text: "In no other run, and only once in this one." })); return; }
    this.same.replaceChildren(make("h3", { text: "Same picture elsewhere" }), ...places.slice(0, 12).map((place) => {
      const { outcome } = place;
      const said = outcome ? `${SIGNS[outcome.verdict]} ${outcome.predicted_name} ${confidence(outcome.confidence)} at epoch ${place.epoch + 1}` : "not predicted";
      return make("button", { class: "place", type: "button", onclick: () => this.actions.elsewhere(place) },
        make("b", { text: place.title }), make("span", { text: `${place.split} ${count(place.index)}` }),
        make("i", { class: outcome?.verdict || "", text: said }));
    }), places.length > 12 ? make("p", { class: "rest", text: `and ${count(places.length - 12)} more places` }) : "");
  }
}
