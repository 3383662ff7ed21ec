// The controls above the tiles. They show a view and report what a person changes; they decide nothing.

import { debounce } from "../../../browser/debounce.js";
import { element, updateChildren } from "../../../browser/dom.js";
import { VERDICTS, VERDICT_SIGNS, count } from "../../../browser/format.js";
import { DEFAULTS, FILTERS, isFiltered } from "../../../browser/link.js";
import { Choice } from "./choice.js";
import { ExportMenu } from "./export_menu.js";
import { ConfidenceRange } from "./range.js";

const SORTS = {
  index: ["Index", "lowest first", "highest first"],
  loss: ["Loss", "lowest first", "highest first"],
  confidence: ["Confidence", "lowest confidence first", "highest confidence first"],
  margin: ["Margin", "smallest margin first", "largest margin first"],
  forgotten: ["Times forgotten", "least often first", "most often first"],
};
const DESCENDING_FIRST = new Set(["loss", "forgotten"]); // the interesting end comes first
const GROUPS = { "": "No groups", label: "By label", predicted: "By predicted" };
const TITLES = { correct: "Correct", wrong: "Wrong", unlabelled: "Unlabelled", invalid: "Invalid" };
const CHIPS_UP_TO = 20; // classes
const SEARCH_AFTER = 120; // milliseconds

export class Toolbar {
  constructor(change) {
    this.change = change;
    this.verdicts = element("div", { class: "segments", role: "group", "aria-label": "Verdict" });
    this.label = new Choice("Label", "any", (label) => change({ label }));
    this.predicted = new Choice("Predicted", "any", (predicted) => change({ predicted }));
    this.tag = new Choice("Tag", "any", (tag) => change({ tag: tag ?? "" }), { find: "Find a tag", none: "No such tag", unknown: (tag) => tag });
    this.range = new ConfidenceRange((confidence) => change({ confidence }));
    this.search = element("input", {
      type: "search", class: "field search", "aria-label": "Find by source or index", placeholder: "Find by source or index",
      maxlength: 200, spellcheck: "false", oninput: debounce(SEARCH_AFTER, () => change({ search: this.search.value })),
    });
    this.changed = element("button", {
      class: "field toggle", type: "button", text: "Changed", title: "Predicted as another class than at the previous epoch",
      onclick: () => change({ changed: !this.view.changed }),
    });
    this.chips = element("div", { class: "chips", role: "group", "aria-label": "Label" });
    this.status = element("div", { class: "status", role: "status", "aria-live": "polite" });
    this.total = element("b", { class: "total" });
    this.notes = element("span", { class: "notes" });
    this.display = element("span", { class: "display" });
    this.status.append(this.total, this.notes, this.display);
    this.clear = element("button", {
      class: "link", type: "button", text: "Clear filters",
      onclick: () => change(Object.fromEntries(FILTERS.map((name) => [name, DEFAULTS[name]]))),
    });
    this.size = element("input", { type: "range", "aria-label": "Tile size", oninput: () => change({ size: Number(this.size.value) }) });
    this.group = select("Group", GROUPS, (value) => change({ group: value || null }));
    const sorts = Object.fromEntries(Object.entries(SORTS).map(([name, [title]]) => [name, title]));
    this.sort = select("Sort by", sorts, (sort) => change({ sort, reverse: DESCENDING_FIRST.has(sort) }));
    this.direction = element("button", { class: "field direction", type: "button", onclick: () => change({ reverse: !this.view.reverse }) });
    this.exports = new ExportMenu();
    this.element = element("div", { class: "toolbar" },
      element("div", { class: "bar" }, this.verdicts, this.label.element, this.predicted.element, this.tag.element,
        this.range.element, this.changed, this.search),
      this.chips,
      element("div", { class: "bar" }, this.status, this.clear, element("span", { class: "space" }),
        element("label", { class: "size", title: "Tile size" }, element("span", { class: "small" }), this.size, element("span", { class: "large" })),
        this.group, element("span", { class: "joined" }, this.sort, this.direction), this.exports.element));
  }

  // shown: {counts, total, shown, present (verdicts), notes: [text], display ({text, reason, altered} or null), sizes, size,
  // options: {label, predicted, tag}, hasPrevious, exportUrl(kind)}
  update(view, shown) {
    this.view = view;
    this.updateVerdicts(view, shown);
    for (const name of ["label", "predicted"]) {
      const total = [...shown.counts[name].values()].reduce((sum, n) => sum + n, 0);
      this[name].update({ options: shown.options[name], counts: shown.counts[name], total, value: view[name] });
    }
    this.tag.update({ options: shown.options.tag, counts: shown.counts.tag, total: shown.counts.anyTag, value: view.tag || null });
    this.tag.element.hidden = !shown.options.tag.length && !view.tag;
    this.updateChips(view, shown);
    if (this.search.getRootNode().activeElement !== this.search) this.search.value = view.search;
    this.range.update(view.confidence);
    this.changed.setAttribute("aria-pressed", String(view.changed));
    this.changed.hidden = !shown.hasPrevious && !view.changed;
    this.group.value = view.group || "";
    this.sort.value = view.sort;
    const direction = SORTS[view.sort][view.reverse ? 2 : 1];
    this.direction.textContent = view.reverse ? "↓" : "↑";
    this.direction.title = direction;
    this.direction.setAttribute("aria-label", `Order: ${direction}`);
    Object.assign(this.size, { min: shown.sizes.least, max: shown.sizes.most, step: shown.sizes.step, value: shown.size });
    this.total.textContent = `${count(shown.shown)} of ${count(shown.total)} images`;
    this.notes.textContent = shown.notes.map((note) => ` · ${note}`).join("");
    this.updateDisplay(shown.display);
    this.clear.hidden = !isFiltered(view);
    this.exports.update(shown.exportUrl);
  }

  // How input values are shown as pixels.
  updateDisplay(display) {
    this.display.hidden = display === null;
    if (display === null) return;
    this.display.classList.toggle("altered", display.altered);
    this.display.textContent = display.text;
    this.display.title = `How input values are shown as pixels. ${display.reason}`;
  }

  updateVerdicts(view, { counts, present }) {
    const all = [["", "All", counts.any], ...VERDICTS.map((v, i) => [v, TITLES[v], counts.verdict[i]])];
    const hasLabels = present.has("correct") || present.has("wrong");
    const shown = all.filter(([v]) => v === "" || present.has(v) || v === view.verdict || (hasLabels && (v === "correct" || v === "wrong")));
    const create = ([verdict, title]) => element("button", {
      type: "button", class: `segment ${verdict}`, onclick: () => this.change({ verdict: verdict || null }),
    }, verdict ? element("span", { class: "sign", "aria-hidden": "true", text: VERDICT_SIGNS[verdict] }) : null,
    element("span", { text: title }), element("i"));
    updateChildren(this.verdicts, shown, ([verdict]) => verdict, create, (button, [verdict, , n]) => {
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
    const create = ({ value }) => element("button", { type: "button", onclick: () => press(value) }, element("span"), element("i"));
    updateChildren(this.chips, options[by], ({ value }) => `${by} ${value}`, create, (chip, { value, name }) => {
      const n = counts[by].get(value) || 0;
      chip.className = n ? "chip" : "chip empty";
      chip.setAttribute("aria-pressed", String(view[by] === value));
      chip.firstChild.textContent = name;
      chip.lastChild.textContent = count(n);
    });
  }
}

function select(title, options, choose) {
  const input = element("select", { class: "field", "aria-label": title, onchange: () => choose(input.value) },
    ...Object.entries(options).map(([value, text]) => element("option", { value, text })));
  return input;
}
