// The probability of each class for one sample, as bars: the highest ones, until all are requested.

import { element } from "../../../browser/dom.js";
import { percent, plural, count } from "../../../browser/format.js";

const ALL_UP_TO = 12; // classes whose bars all fit
const HIGHEST = 8; // bars shown of more classes

export class Probabilities {
  constructor(className) {
    this.className = className;
    this.showsAll = false;
    this.element = element("div", { class: "bars" });
  }

  fail(message) {
    this.element.classList.remove("waiting");
    this.element.replaceChildren(element("p", { class: "problem", text: message }));
  }

  // outcome: of the sample at the epoch, or null; soft: the label as shares, by class, or null
  show({ outcome, soft_label: soft }) {
    if (!outcome) { this.fail("This image was not predicted at this epoch."); return; }
    const { shown, rest } = this.choose(outcome);
    this.element.replaceChildren(...shown.map(([k, p]) => this.bar(outcome, k, p, soft?.[k])), this.notes(outcome, rest, soft) ?? "");
  }

  // The highest ones and the label.
  choose({ probabilities: all, label }) {
    const many = this.showsAll || all.length <= ALL_UP_TO ? all.length : HIGHEST;
    const ofLabel = all.slice(many).find(([k]) => k === label);
    return { shown: [...all.slice(0, many), ...(ofLabel ? [ofLabel] : [])], rest: all.slice(many).filter((pair) => pair !== ofLabel) };
  }

  bar(outcome, k, p, softShare) {
    const name = this.className("label", k), kind = k === outcome.label ? "truth" : "";
    const fill = element("span", { class: "fill" });
    fill.style.width = `${100 * Math.max(0, Math.min(1, p || 0))}%`;
    const labelled = softShare === undefined ? "" : `, labelled ${percent(softShare, 0)}`;
    return element("div", { class: `row ${kind} ${k === outcome.predicted ? "top" : ""} ${outcome.verdict}` },
      element("span", { class: "name", title: name, text: name }), element("span", { class: "bar" }, fill),
      element("span", { class: "share", text: percent(p) + labelled }),
      element("span", { class: "tag", text: kind ? "label" : "" }));
  }

  // What no bar shows.
  notes(outcome, rest, soft) {
    const all = outcome.probabilities;
    const sum = (pairs) => pairs.reduce((total, [, p]) => total + (p || 0), 0);
    const link = (text, showsAll) => element("button", {
      class: "link", type: "button", text, onclick: () => { this.showsAll = showsAll; this.show({ outcome, soft_label: soft }); },
    });
    const notes = [];
    if (rest.length) {
      notes.push(element("span", { text: `${plural(rest.length, "more class has", "more classes share")} ${percent(sum(rest))}` }));
      notes.push(link(`Show all ${count(all.length)}`, true));
    } else if (this.showsAll && all.length > ALL_UP_TO) notes.push(link("Show fewer", false));
    if (outcome.unstored) {
      const share = percent(Math.max(0, 1 - sum(all)));
      notes.push(element("span", { text: `${plural(outcome.unstored, "other class has", "other classes share")} ${share}; of this many classes only the highest are stored` }));
    }
    return notes.length ? element("p", { class: "rest" }, ...notes) : null;
  }
}
