// A button that opens a list to choose one class or tag from: with counts, and a search field when there are many.

import { make, count, renew } from "./dom.js";

const SEARCH_FROM = 12;

export class Choice {
  // words: of what is chosen from
  constructor(title, any, choose, words = { find: "Find a class", none: "No such class", unknown: (value) => `class ${value}` }) {
    this.words = words;
    this.title = title;
    this.any = any;
    this.choose = choose;
    this.value = null;
    this.said = make("span", { class: "said" });
    this.button = make("button", {
      class: "field", type: "button", "aria-haspopup": "listbox", "aria-expanded": "false", onclick: () => this.toggle(),
    }, make("span", { class: "what", text: title }), this.said, make("span", { class: "arrow", "aria-hidden": "true" }));
    this.find = make("input", { type: "search", class: "find", "aria-label": `Find in ${title}`, placeholder: words.find });
    this.find.addEventListener("input", () => this.fill());
    this.list = make("div", { class: "options", role: "listbox", "aria-label": title });
    this.nothing = make("div", { class: "none", text: words.none, hidden: true });
    this.panel = make("div", { class: "panel", hidden: true }, this.find, this.list, this.nothing);
    this.element = make("div", { class: "choice" }, this.button, this.panel);
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.element.addEventListener("focusout", (event) => {
      if (!this.element.contains(event.relatedTarget)) this.toggle(false);
    });
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus inside
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest(".option");
      if (option) this.pick(this.options.find(({ value }) => String(value) === option.dataset.value)?.value ?? null);
    });
  }

  // options: [{value, name}]; counts: value -> how many would be shown; total: with no choice
  update({ options, counts, total, value }) {
    Object.assign(this, { options, counts, total, value });
    const chosen = options.find((option) => option.value === value);
    this.said.textContent = value === null ? this.any : chosen ? chosen.name : this.words.unknown(value);
    this.button.classList.toggle("set", value !== null);
    if (!this.panel.hidden) this.fill();
  }

  toggle(open = this.panel.hidden) {
    if (open === !this.panel.hidden) return;
    this.panel.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.find.hidden = this.options.length < SEARCH_FROM;
    this.find.value = "";
    this.fill();
    (this.find.hidden ? this.list.querySelector(".option[aria-selected=true]") || this.list.firstChild : this.find).focus();
  }

  fill() {
    const wanted = this.find.value.trim().toLowerCase();
    const found = this.options.filter(({ name }) => name.toLowerCase().includes(wanted));
    const shown = wanted ? found : [{ value: null, name: this.any }, ...found];
    const made = ({ value }) => make("button", {
      type: "button", role: "option", tabindex: -1, "data-value": value === null ? "" : value,
    }, make("span"), make("i"));
    renew(this.list, shown, ({ value }) => `${typeof value} ${value}`, made, (option, { value, name }) => {
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
      else this.walk(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && event.target === this.find) {
      this.list.querySelector(".option")?.click();
    } else return;
    event.preventDefault();
  }

  walk(step) {
    const options = [...this.list.querySelectorAll(".option")];
    const at = options.indexOf(this.element.getRootNode().activeElement);
    options[Math.max(0, Math.min(options.length - 1, at + step))]?.focus();
  }
}
