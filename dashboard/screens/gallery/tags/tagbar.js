// The bar over the tiles while some are selected: how many, and the tag to add to them or to remove.

import { element } from "../../../browser/dom.js";
import { count } from "../../../browser/format.js";
import { author, setAuthor } from "./tags.js";

export class TagBar {
  // actions: write(tag, removed) -> promise of a sentence, clear()
  constructor(actions) {
    this.actions = actions;
    this.selected = 0;
    this.size = element("b", { class: "many" });
    this.unseen = element("span", { class: "notes" });
    this.known = element("datalist", { id: "known-tags" });
    this.input = element("input", {
      class: "field", type: "text", list: "known-tags", maxlength: 40, "aria-label": "Tag", placeholder: "Tag",
      autocomplete: "off", spellcheck: "false",
    });
    this.addButton = element("button", { class: "field primary", type: "submit", text: "Tag" });
    this.removeButton = element("button", { class: "field", type: "button", text: "Remove tag", onclick: () => this.write(true) });
    this.form = element("form", { class: "bar" }, this.input, authorInput(), this.addButton, this.removeButton);
    this.message = element("span", { class: "result", role: "status", "aria-live": "polite" });
    this.element = element("div", { class: "tagbar", role: "group", "aria-label": "Selected images", hidden: true },
      element("div", { class: "bar" }, element("span", { role: "status" }, this.size, this.unseen), this.form,
        element("button", { class: "link", type: "button", text: "Clear", title: "Clear the selection (Esc)", onclick: () => actions.clear() })),
      this.message, this.known);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.write(false); });
    this.input.addEventListener("input", () => this.updateButtons());
    this.input.addEventListener("focus", () => this.input.select());
    this.element.addEventListener("keydown", (event) => { if (event.key === "Escape") actions.clear(); });
    this.updateButtons();
  }

  // selected, unseen (of them not on the screen), names (known tags), readOnly (a sentence or null)
  update({ selected, unseen, names, readOnly }) {
    if (this.selected !== selected) this.message.textContent = "";
    this.selected = selected;
    this.element.hidden = selected === 0;
    this.size.textContent = `${count(selected)} selected`;
    this.unseen.textContent = unseen ? ` · ${count(unseen)} not shown` : "";
    this.form.hidden = Boolean(readOnly);
    if (readOnly) this.message.textContent = readOnly;
    if (this.names === names) return;
    this.names = names;
    this.known.replaceChildren(...names.map((name) => element("option", { value: name })));
  }

  updateButtons() {
    this.addButton.disabled = this.removeButton.disabled = !this.input.value.trim() || Boolean(this.isBusy);
  }

  async write(removed) {
    const tag = this.input.value.trim();
    if (!tag || this.isBusy) return;
    this.isBusy = true;
    this.updateButtons();
    this.message.classList.remove("problem");
    this.message.textContent = "Saving …";
    try {
      this.message.textContent = await this.actions.write(tag, removed);
    } catch (error) {
      this.message.classList.add("problem");
      this.message.textContent = error.message;
    }
    this.isBusy = false;
    this.updateButtons();
  }
}

// A field for the name under which somebody annotates: the same name everywhere on the page.
export function authorInput() {
  const input = element("input", {
    class: "field author", type: "text", maxlength: 60, "aria-label": "Your name, stored with your tags and notes",
    placeholder: "Your name (optional)", autocomplete: "name", spellcheck: "false",
  });
  input.value = author();
  input.addEventListener("focus", () => { input.value = author(); });
  input.addEventListener("input", () => setAuthor(input.value));
  return input;
}
