// The controls above the tiles. They show a view and say what a person wants of it; they decide nothing.

import { make, count, later, renew } from "./dom.js";
import { Choice } from "./choice.js";
import { SIGNS } from "./grid.js";
import { VERDICTS } from "./filter.js";
import { isFiltered, FILTERS, NOTHING } from "./view.js";

const SORTS = {
  index: ["Index", "lowest first", "highest first"],
  loss: ["Loss", "lowest first", "highest first"],
  confidence: ["Confidence", "least sure first", "surest first"],
  margin: ["Margin", "most wrong first", "most right first"],
  forgotten: ["Times forgotten", "never first", "most often first"],
};
const FALLING = new Set(["loss", "forgotten"]); // what is most worth seeing comes first
const GROUPS = { "": "No groups", label: "By label", predicted: "By predicted" };
const TITLES = { correct: "Correct", wrong: "Wrong", unlabelled: "Unlabelled", invalid: "Invalid" };
const CHIPS_UP_TO = 20;

export class Toolbar {
  constructor(change) {
    this.change = change;
    this.verdicts = make("div", { class: "segments", role: "group", "aria-label": "Verdict" });
    this.label = new Choice("Label", "any", (label) => change({ label }));
    this.predicted = new Choice("Predicted", "any", (predicted) => change({ predicted }));
    this.tag = new Choice("Tag", "any", (tag) => change({ tag: tag ?? "" }), { find: "Find a tag", none: "No such tag", unknown: (tag) => tag });
    this.search = make("input", {
      type: "search", class: "field search", "aria-label": "Find by source or index", placeholder: "Find by source or index",
      maxlength: 200, spellcheck: "false",
    });
    const find = later(120, () => change({ search: this.search.value }));
    this.search.addEventListener("input", find);
    this.changed = make("button", {
      class: "field toggle", type: "button", text: "Changed", title: "Predicted as another class than at the epoch before",
      onclick: () => change({ changed: !this.view.changed }),
    });
    this.group = select("Group", GROUPS, (value) => change({ group: value || null }));
    this.sort = select("Sort by", Object.fromEntries(Object.entries(SORTS).map(([k, [title]]) => [k, title])), (sort) =>
      change({ sort, reverse: FALLING.has(sort) }));
    this.direction = make("button", {
      class: "field direction", type: "button", onclick: () => change({ reverse: !this.view.reverse }),
    });
    this.chips = make("div", { class: "chips", role: "group", "aria-label": "Label" });
    this.makeRange();
    this.makeSize();
    this.makeExport();
    this.status = make("div", { class: "status", role: "status", "aria-live": "polite" });
    this.total = make("b", { class: "total" });
    this.notes = make("span", { class: "notes" });
    this.clear = make("button", {
      class: "link", type: "button", text: "Clear filters",
      onclick: () => change(Object.fromEntries(FILTERS.map((name) => [name, NOTHING[name]]))),
    });
    this.status.append(this.total, this.notes);
    this.element = make("div", { class: "toolbar" },
      make("div", { class: "bar" }, this.verdicts, this.label.element, this.predicted.element, this.tag.element, this.range, this.changed, this.search),
      this.chips,
      make("div", { class: "bar" }, this.status, this.clear, make("span", { class: "space" }), this.size, this.group.element,
        make("span", { class: "joined" }, this.sort.element, this.direction), this.exports));
  }

  makeRange() {
    const end = (name) => make("input", { type: "range", min: 0, max: 100, step: 1, "aria-label": `${name} confidence, percent` });
    [this.low, this.high] = [end("Lowest"), end("Highest")];
    this.between = make("span", { class: "said" });
    const tell = later(30, () => this.change({ confidence: [this.low.value / 100, this.high.value / 100] }));
    const moved = (event) => {
      if (Number(this.low.value) > Number(this.high.value)) {
        if (event.target === this.low) this.low.value = this.high.value;
        else this.high.value = this.low.value;
      }
      this.showRange();
      tell();
    };
    this.low.addEventListener("input", moved);
    this.high.addEventListener("input", moved);
    this.range = make("div", { class: "field range" }, make("span", { class: "what", text: "Confidence" }),
      make("span", { class: "ends" }, make("span", { class: "rail" }), this.low, this.high), this.between);
  }

  showRange() {
    this.range.style.setProperty("--low", `${this.low.value}%`);
    this.range.style.setProperty("--high", `${this.high.value}%`);
    this.between.textContent = `${this.low.value}–${this.high.value} %`;
    this.low.style.zIndex = Number(this.low.value) > 90 ? 2 : 1; // so that both ends can be taken hold of
    this.range.classList.toggle("set", this.low.value !== "0" || this.high.value !== "100");
  }

  makeSize() {
    this.slider = make("input", { type: "range", "aria-label": "Tile size" });
    this.slider.addEventListener("input", () => this.change({ size: Number(this.slider.value) }));
    this.size = make("label", { class: "size", title: "Tile size" }, make("span", { class: "small" }), this.slider, make("span", { class: "large" }));
  }

  makeExport() {
    this.links = ["csv", "parquet", "zip"].map((kind) => make("a", {
      class: "option", role: "menuitem", download: true, "data-kind": kind,
    }, make("span", { text: { csv: "CSV", parquet: "Parquet", zip: "Zip of pictures" }[kind] }), make("i", { text: { csv: "rows", parquet: "rows", zip: "a folder per class" }[kind] })));
    const panel = make("div", { class: "panel right", role: "menu", hidden: true }, ...this.links);
    const button = make("button", { class: "field", type: "button", "aria-haspopup": "menu", "aria-expanded": "false" },
      make("span", { text: "Export" }), make("span", { class: "arrow", "aria-hidden": "true" }));
    const toggle = (open) => { panel.hidden = !open; button.setAttribute("aria-expanded", String(open)); };
    button.addEventListener("click", () => toggle(panel.hidden));
    this.exports = make("div", { class: "choice" }, button, panel);
    this.exports.addEventListener("focusout", (event) => { if (!this.exports.contains(event.relatedTarget)) toggle(false); });
    this.exports.addEventListener("keydown", (event) => { if (event.key === "Escape") { toggle(false); button.focus(); } });
    panel.addEventListener("click", () => toggle(false));
  }

  // shown: {counts, total, shown, present (verdicts), notes: [text], sizes, size, classes, exportUrl(kind)}
  update(view, shown) {
    this.view = view;
    this.updateVerdicts(view, shown);
    for (const [name, choice] of [["label", this.label], ["predicted", this.predicted]]) {
      const total = [...shown.counts[name].values()].reduce((sum, n) => sum + n, 0);
      choice.update({ options: shown.options[name], counts: shown.counts[name], total, value: view[name] });
    }
    this.tag.update({ options: shown.options.tag, counts: shown.counts.tag, total: shown.counts.anyTag, value: view.tag || null });
    this.tag.element.hidden = !shown.options.tag.length && !view.tag;
    this.updateChips(view, shown);
    if (this.search.getRootNode().activeElement !== this.search) this.search.value = view.search;
    [this.low.value, this.high.value] = view.confidence.map((share) => Math.round(100 * share));
    this.showRange();
    this.changed.setAttribute("aria-pressed", String(view.changed));
    this.changed.hidden = !shown.hasPrevious && !view.changed;
    this.group.value(view.group || "");
    this.sort.value(view.sort);
    const direction = SORTS[view.sort][view.reverse ? 2 : 1];
    this.direction.textContent = view.reverse ? "↓" : "↑";
    this.direction.title = direction;
    this.direction.setAttribute("aria-label", `Order: ${direction}`);
    Object.assign(this.slider, { min: shown.sizes.least, max: shown.sizes.most, step: shown.sizes.step, value: shown.size });
    this.total.textContent = `${count(shown.shown)} of ${count(shown.total)} images`;
    this.notes.textContent = shown.notes.map((note) => ` · ${note}`).join("");
    this.clear.hidden = !isFiltered(view);
    for (const link of this.links) link.href = shown.exportUrl(link.dataset.kind);
  }

  updateVerdicts(view, { counts, present }) {
    const all = [["", "All", counts.any], ...VERDICTS.map((v, i) => [v, TITLES[v], counts.verdict[i]])];
    const labelled = present.has("correct") || present.has("wrong");
    const shown = all.filter(([v]) => v === "" || present.has(v) || v === view.verdict || (labelled && (v === "correct" || v === "wrong")));
    const made = ([verdict, title]) => make("button", {
      type: "button", class: `segment ${verdict}`, onclick: () => this.change({ verdict: verdict || null }),
    }, verdict ? make("span", { class: "sign", "aria-hidden": "true", text: SIGNS[verdict] }) : null, make("span", { text: title }), make("i"));
    renew(this.verdicts, shown, ([verdict]) => verdict, made, (button, [verdict, , n]) => {
      button.setAttribute("aria-pressed", String((view.verdict || "") === verdict));
      button.lastChild.textContent = count(n);
    });
  }

  // A chip for each label, or for each predicted class where nothing has a label.
  updateChips(view, { options, counts, present }) {
    const by = present.has("correct") || present.has("wrong") ? "label" : "predicted";
    this.label.element.hidden = by !== "label" && view.label === null;
    const few = options[by].length <= CHIPS_UP_TO && options[by].length > 1;
    this.chips.setAttribute("aria-label", by === "label" ? "Label" : "Predicted");
    this.chips.hidden = !few;
    if (!few) return;
    const press = (value) => this.change({ [by]: this.view[by] === value ? null : value });
    const made = ({ value }) => make("button", { type: "button", onclick: () => press(value) }, make("span"), make("i"));
    renew(this.chips, options[by], ({ value }) => `${by} ${value}`, made, (chip, { value, name }) => {
      const n = counts[by].get(value) || 0;
      chip.className = n ? "chip" : "chip empty";
      chip.setAttribute("aria-pressed", String(view[by] === value));
      chip.firstChild.textContent = name;
      chip.lastChild.textContent = count(n);
    });
  }
}

function select(title, options, choose) {
  const input = make("select", { class: "field", "aria-label": title },
    ...Object.entries(options).map(([value, text]) => make("option", { value, text })));
  input.addEventListener("change", () => choose(input.value));
  return { element: input, value: (value) => { input.value = value; } };
}
