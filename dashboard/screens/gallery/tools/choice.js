// A button that opens a list to choose one class or tag from: with counts, and a search field when there are many.

import { element, updateChildren } from "../../../browser/dom.js";
import { count } from "../../../browser/format.js";

const SEARCH_FROM = 12; // options
const OF_CLASSES = { find: "Find a class", none: "No such class", unknown: (value) => `class ${value}` };

export class Choice {
  // any: the option that chooses nothing; choose(value or null); words: what the options are
  constructor(title, any, choose, words = OF_CLASSES) {
    Object.assign(this, { title, any, choose, words, value: null });
    this.chosen = element("span", { class: "value" });
    this.button = element("button", {
      class: "field", type: "button", "aria-haspopup": "listbox", "aria-expanded": "false", onclick: () => this.toggle(),
    }, element("span", { class: "what", text: title }), this.chosen, element("span", { class: "arrow", "aria-hidden": "true" }));
    this.find = element("input", { type: "search", class: "find", "aria-label": `Find in ${title}`, placeholder: words.find });
    this.find.addEventListener("input", () => this.list());
    this.options = element("div", { class: "options", role: "listbox", "aria-label": title });
    this.nothing = element("div", { class: "none", text: words.none, hidden: true });
    this.panel = element("div", { class: "panel", hidden: true }, this.find, this.options, this.nothing);
    this.element = element("div", { class: "choice" }, this.button, this.panel);
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.element.addEventListener("focusout", (event) => {
      if (!this.element.contains(event.relatedTarget)) this.toggle(false);
    });
    this.options.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays inside
    this.options.addEventListener("click", (event) => {
      const option = event.target.closest(".option");
      if (option) this.pick(this.all.find(({ value }) => String(value) === option.dataset.value)?.value ?? null);
    });
  }

  // options: [{value, name}]; counts: value -> how many it would show; total: without a choice
  update({ options, counts, total, value }) {
    Object.assign(this, { all: options, counts, total, value });
    const chosen = options.find((option) => option.value === value);
    this.chosen.textContent = value === null ? this.any : chosen ? chosen.name : this.words.unknown(value);
    this.button.classList.toggle("set", value !== null);
    if (!this.panel.hidden) this.list();
  }

  toggle(open = this.panel.hidden) {
    if (open === !this.panel.hidden) return;
    this.panel.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.find.hidden = this.all.length < SEARCH_FROM;
    this.find.value = "";
    this.list();
    (this.find.hidden ? this.options.querySelector(".option[aria-selected=true]") || this.options.firstChild : this.find).focus();
  }

  list() {
    const wanted = this.find.value.trim().toLowerCase();
    const found = this.all.filter(({ name }) => name.toLowerCase().includes(wanted));
    const shown = wanted ? found : [{ value: null, name: this.any }, ...found];
    const create = ({ value }) => element("button", {
      type: "button", role: "option", tabindex: -1, "data-value": value === null ? "" : value,
    }, element("span"), element("i"));
    updateChildren(this.options, shown, ({ value }) => `${typeof value} ${value}`, create, (option, { value, name }) => {
      const n = value === null ? this.total : this.counts.get(value) || 0;
      option.className = n ? "option" : "option empty";
      option.setAttribute("aria-selected", String(value === this.value));
      option.firstChild.textContent = name;
      option.lastChild.textContent = count(n);
    });
    this.nothing.hidden = shown.length > 0;
  }

  pick(value) {
    this.toggle(false);
    this.button.focus();
    this.choose(value);
  }

  key(event) {
    if (event.key === "Escape" && !this.panel.hidden) {
      this.toggle(false);
      this.button.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (this.panel.hidden) this.toggle(true);
      else this.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && event.target === this.find) {
      this.options.querySelector(".option")?.click();
    } else return;
    event.preventDefault();
  }

  move(step) {
    const options = [...this.options.querySelectorAll(".option")];
    const at = options.indexOf(this.element.getRootNode().activeElement);
    options[Math.max(0, Math.min(options.length - 1, at + step))]?.focus();
  }
}
