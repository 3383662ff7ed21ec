// The bar over the tiles while some are selected: how many, and what to do with them.

import { make, count } from "./dom.js";
import { setWho, who } from "./tags.js";

export class TagBar {
  // actions: write(tag, removed) -> promise of a sentence, clear()
  constructor(actions) {
    this.actions = actions;
    this.says = make("b", { class: "many" });
    this.hidden = make("span", { class: "notes" });
    this.known = make("datalist", { id: "known-tags" });
    this.input = make("input", {
      class: "field", type: "text", list: "known-tags", maxlength: 40, "aria-label": "Tag", placeholder: "Tag", autocomplete: "off", spellcheck: "false",
    });
    this.who = whoInput();
    this.put = make("button", { class: "field primary", type: "submit", text: "Tag" });
    this.off = make("button", { class: "field", type: "button", text: "Remove tag", onclick: () => this.write(true) });
    this.form = make("form", { class: "bar" }, this.input, this.who, this.put, this.off);
    this.message = make("span", { class: "said", role: "status", "aria-live": "polite" });
    this.element = make("div", { class: "tagbar", role: "group", "aria-label": "Selected images", hidden: true },
      make("div", { class: "bar" }, make("span", { role: "status" }, this.says, this.hidden), this.form,
        make("button", { class: "link", type: "button", text: "Clear", title: "Clear the selection (Esc)", onclick: () => actions.clear() })),
      this.message, this.known);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.write(false); });
    this.input.addEventListener("input", () => this.ready());
    this.input.addEventListener("focus", () => this.input.select());
    this.element.addEventListener("keydown", (event) => { if (event.key === "Escape") actions.clear(); });
    this.ready();
  }

  // selected, unseen (of them not shown now), names (known tags), readOnly (a sentence or null)
  update({ selected, unseen, names, readOnly }) {
    if (this.selected !== selected) this.message.textContent = "";
    this.selected = selected;
    this.element.hidden = selected === 0;
    this.says.textContent = `${count(selected)} selected`;
    this.hidden.textContent = unseen ? ` · ${count(unseen)} not shown` : "";
    this.form.hidden = Boolean(readOnly);
    if (readOnly) this.message.textContent = readOnly;
    if (this.names === names) return;
    this.names = names;
    this.known.replaceChildren(...names.map((name) => make("option", { value: name })));
  }

  ready() {
    const empty = !this.input.value.trim();
    this.put.disabled = this.off.disabled = empty || this.busy;
  }

  async write(removed) {
    const tag = this.input.value.trim();
    if (!tag || this.busy) return;
    this.busy = true;
    this.ready();
    this.message.classList.remove("problem");
    this.message.textContent = "Saving …";
    try {
      this.message.textContent = await this.actions.write(tag, removed);
    } catch (error) {
      this.message.classList.add("problem");
      this.message.textContent = error.message;
    }
    this.busy = false;
    this.ready();
  }
}

// Where a person says who they are: the same everywhere on the page.
export function whoInput() {
  const input = make("input", {
    class: "field who", type: "text", maxlength: 60, "aria-label": "Your name, kept with what you tag", placeholder: "Your name (optional)",
    autocomplete: "name", spellcheck: "false",
  });
  input.value = who();
  input.addEventListener("focus", () => { input.value = who(); });
  input.addEventListener("input", () => setWho(input.value));
  return input;
}
