// Tags and notes of the samples of one run and split: which there are, and how they are changed.

import { readJson, sendJson } from "./columns.js";

const AT_ONCE = 10000; // samples that the server takes in one request
const WHO = "proofsheet.who";

export class Tags {
  // url(path, version) -> address
  constructor(url) {
    this.url = url;
    this.reset();
  }

  // Of another run or split from now on.
  reset() {
    this.address = null;
    this.order = "";
    this.take({ tags: [], notes: [], damaged: 0, problem: null });
  }

  take({ tags, notes, damaged, problem }) {
    this.all = tags; // [name, indices], by name
    this.noted = new Set(notes);
    this.problem = problem;
    this.damaged = damaged;
    this.of = new Map(); // index -> names
    for (const [name, indices] of tags) for (const index of indices) this.of.set(index, [...(this.of.get(index) || []), name]);
    this.rowsOf = null;
  }

  get names() { return this.all.map(([name]) => name); }

  // Never fails. Of a change made here the page's answer may come late and name the version of before: the order tells.
  load({ version, order }) {
    const address = this.url("tags", version);
    if (address === this.address) return this.coming;
    if (order < this.order) return Promise.resolve();
    Object.assign(this, { address, order });
    this.coming = this.fetch(address);
    return this.coming;
  }

  async fetch(address) {
    try {
      const found = await readJson(address);
      if (this.address === address) this.take(found);
    } catch (error) {
      if (this.address === address) Object.assign(this, { address: null, problem: `Tags could not be read: ${error.message}` });
    }
  }

  // The rows of each tag in the table of an epoch.
  rows(table) {
    if (this.rowsOf?.table !== table) {
      const at = table.index.every((index, row) => index === row) ? null : new Map(Array.from(table.index, (index, row) => [index, row]));
      const row = (index) => (at ? at.get(index) ?? -1 : index < table.rows ? index : -1);
      this.rowsOf = { table, of: new Map(this.all.map(([name, indices]) => [name, indices.map(row).filter((r) => r >= 0)])) };
    }
    return this.rowsOf.of;
  }

  said(index) { return readJson(`${this.url(`samples/${index}/annotations`)}?of=${encodeURIComponent(this.address)}`); }

  // change: {tag, removed} or {note}. Returns of how many samples that changed anything; throws what the server says.
  async write(digests, change) {
    let changed = 0;
    for (let at = 0; at < digests.length; at += AT_ONCE) {
      const body = { digests: digests.slice(at, at + AT_ONCE), who: who(), ...change };
      const answer = await sendJson(this.url("annotations"), body);
      changed += answer.changed;
      await this.load(answer);
    }
    return changed;
  }
}

// What the person calls themselves, given once in this browser.
export function who() {
  try { return localStorage.getItem(WHO) || ""; } catch { return ""; }
}

export function setWho(name) {
  try { localStorage.setItem(WHO, name.trim()); } catch { /* a browser that keeps nothing: tags have no name then */ }
}
