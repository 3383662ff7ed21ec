// Tags and notes of the samples of one run and split: which there are, and how they are changed.

import { sendJson } from "../../../browser/fetch.js";
import { readJson } from "../data/columns.js";

const PER_REQUEST = 10_000; // samples
const AUTHOR = "proofsheet.who";

export class Tags {
  // buildUrl(path, query)
  constructor(buildUrl) {
    this.buildUrl = buildUrl;
    this.reset();
  }

  // Another run or split is shown.
  reset() {
    this.url = null;
    this.order = "";
    this.set({ tags: [], notes: [], damaged: 0, problem: null });
  }

  set({ tags, notes, damaged, problem }) {
    this.all = tags; // [name, indices], by name
    this.noted = new Set(notes);
    this.problem = problem;
    this.damaged = damaged;
    this.byIndex = new Map(); // index -> names
    for (const [name, indices] of tags) for (const index of indices) this.byIndex.set(index, [...(this.byIndex.get(index) || []), name]);
    this.rowsByTag = null;
  }

  get names() { return this.all.map(([name]) => name); }

  // Never rejects. After a change made here the page may still name the version of before: `order` rises with each version.
  load({ version, order }) {
    const url = this.buildUrl("tags", { v: version });
    if (url === this.url) return this.loading;
    if (order < this.order) return Promise.resolve();
    Object.assign(this, { url, order });
    this.loading = this.fetch(url);
    return this.loading;
  }

  async fetch(url) {
    try {
      const found = await readJson(url);
      if (this.url === url) this.set(found);
    } catch (error) {
      if (this.url === url) Object.assign(this, { url: null, problem: `Tags could not be loaded: ${error.message}` });
    }
  }

  // tag -> rows of the table of an epoch
  rows(table) {
    if (this.rowsByTag?.table !== table) {
      const at = table.index.every((index, row) => index === row) ? null : new Map(Array.from(table.index, (index, row) => [index, row]));
      const row = (index) => (at ? at.get(index) ?? -1 : index < table.rows ? index : -1);
      this.rowsByTag = { table, rows: new Map(this.all.map(([name, indices]) => [name, indices.map(row).filter((r) => r >= 0)])) };
    }
    return this.rowsByTag.rows;
  }

  // Of one sample: {digest, tags, note}, with authors and times.
  annotations(index) { return readJson(this.buildUrl(`samples/${index}/annotations`, { of: this.url })); }

  // change: {tag, removed} or {note}. Returns how many samples it changed; throws an Error with the server's sentence.
  async write(digests, change) {
    let changed = 0;
    for (let at = 0; at < digests.length; at += PER_REQUEST) {
      const answer = await sendJson(this.buildUrl("annotations"), { digests: digests.slice(at, at + PER_REQUEST), who: author(), ...change });
      changed += answer.changed;
      await this.load(answer);
    }
    return changed;
  }
}

// The name under which this person annotates, entered once in this browser.
export function author() {
  try { return localStorage.getItem(AUTHOR) || ""; } catch { return ""; }
}

export function setAuthor(name) {
  try { localStorage.setItem(AUTHOR, name.trim()); } catch { /* a browser without storage: annotations have no name then */ }
}
