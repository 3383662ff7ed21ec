// The tags and the note of one sample, in its dialog: chips, a text area, who changed them last and when.

import { element } from "../../../browser/dom.js";
import { authorInput } from "../tags/tagbar.js";
import { author } from "../tags/tags.js";

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export class Annotations {
  // write(index, digest, change) -> promise
  constructor(write) {
    this.write = write;
    this.drafts = new Map(); // index -> a note that could not be saved
    this.chips = element("div", { class: "chips", role: "list", "aria-label": "Tags of this image" });
    this.input = element("input", {
      class: "field", type: "text", list: "known-tags", maxlength: 40, "aria-label": "Add a tag", placeholder: "Add a tag",
      autocomplete: "off", spellcheck: "false",
    });
    this.addButton = element("button", { class: "field", type: "submit", text: "Add" });
    this.form = element("form", {}, this.input, this.addButton);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.add(); });
    this.note = element("textarea", {
      class: "note", rows: 2, maxlength: 2000, "aria-label": "Note",
      placeholder: "Note (saved when you leave the field, or with Ctrl+Enter)",
    });
    this.note.addEventListener("blur", () => this.save());
    this.note.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); this.save(); }
    });
    this.author = authorInput();
    this.latest = element("span", { class: "rest" });
    this.problem = element("p", { class: "problem", role: "status", "aria-live": "polite" });
    this.element = element("section", { class: "annotations", "aria-label": "Tags and note" },
      element("h3", {}, element("span", { text: "Tags and note" }), this.latest),
      element("div", { class: "line" }, this.chips, this.form), this.note,
      element("div", { class: "line foot" }, this.author, this.problem));
  }

  // Another run or split is shown.
  reset() {
    this.index = undefined;
    this.drafts.clear();
  }

  // tags: of the run and split; readOnly: a sentence or null
  show(index, tags, readOnly) {
    if (index !== this.index) {
      this.save();
      Object.assign(this, { index, digest: undefined, saved: "", requested: null });
      this.note.value = this.latest.textContent = this.problem.textContent = this.input.value = "";
    }
    this.readOnly = readOnly;
    this.showChips(tags.byIndex.get(index) || []);
    const request = `${index} ${tags.url}`;
    if (this.requested === request) return;
    this.requested = request;
    tags.annotations(index).then((found) => { if (this.requested === request) this.receive(found); }, (error) => {
      if (this.requested === request) this.fail(`Tags and note could not be loaded: ${error.message}`);
    });
  }

  showChips(names) {
    const shown = `${this.index} ${names.join("\n")}`;
    if (this.shown === shown) return;
    this.shown = shown;
    const remove = (name) => element("button", {
      type: "button", "aria-label": `Remove tag ${name}`, title: "Remove", text: "×", onclick: () => this.change({ tag: name, removed: true }),
    });
    this.chips.hidden = !names.length;
    this.chips.replaceChildren(...names.map((name) => element("span", { class: "chip tag", role: "listitem", "data-tag": name },
      element("span", { text: name }), this.readOnly ? null : remove(name))));
  }

  receive({ digest, tags, note }) {
    this.digest = digest;
    if (this.saving !== this.index) { // a note that is being saved is newer than the one that was read
      const untouched = this.note.value === this.saved;
      this.saved = note ? note.note : "";
      if (untouched) this.note.value = this.saved;
    }
    for (const entry of tags) {
      const chip = [...this.chips.children].find((c) => c.dataset.tag === entry.tag);
      if (chip) chip.title = signature(entry);
    }
    const [last] = [...tags, ...(note ? [note] : [])].sort((a, b) => b.time - a.time);
    this.latest.textContent = last ? `${last.tag ? `“${last.tag}”` : "note"}: ${signature(last)}` : "";
    const closed = this.readOnly || (digest ? null : "The pixels of this image were not stored, so it cannot be tagged.");
    for (const part of [this.input, this.note, this.addButton]) part.disabled = Boolean(closed);
    this.author.hidden = Boolean(closed);
    this.problem.textContent = closed || "";
    if (!this.drafts.has(this.index)) return;
    this.note.value = this.drafts.get(this.index);
    this.fail("This note is not saved yet.");
  }

  async add() {
    const tag = this.input.value.trim();
    if (tag && await this.change({ tag })) this.input.value = "";
  }

  // Saves the note, if it has changed: when the field or the image is left.
  async save() {
    const note = this.note.value.trimEnd();
    if (this.index === undefined || !this.digest || note === this.saved.trimEnd()) return;
    const { index, saved } = this;
    this.saved = this.note.value;
    this.saving = index;
    const done = await this.change({ note });
    if (this.saving === index) this.saving = null;
    if (done) this.drafts.delete(index);
    else this.drafts.set(index, note);
    if (!done && this.index === index) this.saved = saved; // so that the next blur tries again
  }

  // Whether it was written.
  async change(change) {
    const { index, digest } = this;
    if (!digest) return false;
    this.problem.textContent = "";
    try {
      await this.write(index, digest, change);
      return true;
    } catch (error) {
      if (this.index === index) this.fail(error.message);
      return false;
    }
  }

  fail(sentence) { this.problem.textContent = sentence; }
}

function signature({ who: name, time }) {
  return `${name ? `${name}${name === author() ? " (you)" : ""}, ` : ""}${dateTime.format(1000 * time)}`;
}
