// What people said of one sample, in its dialog: tags as chips, a note, who was last and when.

import { make } from "./dom.js";
import { whoInput } from "./tagbar.js";
import { who } from "./tags.js";

const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export class Remarks {
  // write(index, digest, change) -> promise
  constructor(write) {
    this.write = write;
    this.drafts = new Map(); // index -> a note that could not be saved
    this.chips = make("div", { class: "chips", role: "list", "aria-label": "Tags of this image" });
    this.input = make("input", {
      class: "field", type: "text", list: "known-tags", maxlength: 40, "aria-label": "Add a tag", placeholder: "Add a tag", autocomplete: "off", spellcheck: "false",
    });
    this.form = make("form", {}, this.input, make("button", { class: "field", type: "submit", text: "Add" }));
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.add(); });
    this.note = make("textarea", { class: "note", rows: 2, maxlength: 2000, "aria-label": "Note", placeholder: "Note (saved when you leave the field, or with Ctrl+Enter)" });
    this.note.addEventListener("blur", () => this.save());
    this.note.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); this.save(); } });
    this.who = whoInput();
    this.latest = make("span", { class: "rest" });
    this.problem = make("p", { class: "problem", role: "status", "aria-live": "polite" });
    this.element = make("section", { class: "remarks", "aria-label": "Tags and note" },
      make("h3", {}, make("span", { text: "Tags and note" }), this.latest), make("div", { class: "line" }, this.chips, this.form),
      this.note, make("div", { class: "line foot" }, this.who, this.problem));
  }

  // Of another run or split from now on.
  reset() {
    this.index = undefined;
    this.drafts.clear();
  }

  // tags: the store; readOnly: a sentence or null
  show(index, tags, readOnly) {
    if (index !== this.index) {
      this.save();
      Object.assign(this, { index, digest: undefined, saved: "", tags: [], of: null });
      this.note.value = this.latest.textContent = this.problem.textContent = this.input.value = "";
    }
    this.readOnly = readOnly;
    this.showChips(tags.of.get(index) || []);
    const of = `${index} ${tags.address}`;
    if (this.of === of) return;
    this.of = of;
    tags.said(index).then((said) => { if (this.of === of) this.take(said); }, (error) => {
      if (this.of === of) this.fail(`Tags and note could not be read: ${error.message}`);
    });
  }

  showChips(names) {
    const shown = names.join("\n");
    if (this.shown === `${this.index} ${shown}`) return;
    this.shown = `${this.index} ${shown}`;
    const button = (name) => make("button", { type: "button", "aria-label": `Remove tag ${name}`, title: "Remove", text: "×", onclick: () => this.change({ tag: name, removed: true }) });
    this.chips.hidden = !names.length;
    this.chips.replaceChildren(...names.map((name) => make("span", { class: "chip tag", role: "listitem", "data-tag": name }, make("span", { text: name }),
      this.readOnly ? null : button(name))));
  }

  take({ digest, tags, note }) {
    this.digest = digest;
    if (this.saving !== this.index) { // what is being saved is newer than what was read
      const untouched = this.note.value === this.saved;
      this.saved = note ? note.note : "";
      if (untouched) this.note.value = this.saved;
    }
    for (const said of tags) {
      const chip = [...this.chips.children].find((c) => c.dataset.tag === said.tag);
      if (chip) chip.title = by(said);
    }
    const [last] = [...tags, ...(note ? [note] : [])].sort((a, b) => b.time - a.time);
    this.latest.textContent = last ? `${last.tag ? `“${last.tag}”` : "note"}: ${by(last)}` : "";
    const closed = this.readOnly || (digest ? null : "Its pixels were not stored, so it cannot be tagged.");
    for (const part of [this.input, this.note, this.form.lastChild]) part.disabled = Boolean(closed);
    this.who.hidden = Boolean(closed);
    this.problem.textContent = closed || "";
    if (!this.drafts.has(this.index)) return;
    this.note.value = this.drafts.get(this.index);
    this.fail("This note is not saved yet.");
  }

  add() {
    const tag = this.input.value.trim();
    if (tag) this.change({ tag }).then((done) => { if (done) this.input.value = ""; });
  }

  // Keeps what was typed; called when the field is left, and when the image is.
  save() {
    const note = this.note.value.trimEnd();
    if (this.index === undefined || !this.digest || note === this.saved.trimEnd()) return;
    const { index, saved } = this;
    this.saved = this.note.value;
    this.saving = index;
    this.change({ note }).then((done) => {
      if (this.saving === index) this.saving = null;
      if (done) this.drafts.delete(index);
      else this.drafts.set(index, note);
      if (!done && this.index === index) this.saved = saved; // so that the next blur tries again
    });
  }

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

function by({ who: name, time }) {
  return `${name ? `${name}${name === who() ? " (you)" : ""}, ` : ""}${when.format(1000 * time)}`;
}
