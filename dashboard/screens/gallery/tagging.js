// What joins tiles, selection, bar and tags: the part of the gallery that writes.

import { count } from "./dom.js";
import { readJson } from "./columns.js";
import { Remarks } from "./remarks.js";
import { Selection } from "./selection.js";
import { TagBar } from "./tagbar.js";
import { Tags } from "./tags.js";

export class Tagging {
  // host: url(path, version), changed() when tags did, picked() when the selection did, shows(index), focus(), data(), tiles()
  constructor(host) {
    this.host = host;
    this.tags = new Tags(host.url);
    this.selection = new Selection(() => { this.update(); host.picked(); });
    this.bar = new TagBar({ write: (tag, removed) => this.write(tag, removed), clear: () => this.clear() });
    this.remarks = new Remarks((index, digest, change) => this.apply([digest], change));
  }

  // Of another run or split from now on: nothing of the one before is selected.
  reset() {
    this.tags.reset();
    this.selection.clear();
    this.remarks.reset();
  }

  clear() {
    this.selection.clear();
    this.host.focus();
  }

  // The range from where the last tile was picked, in the order shown.
  pickRange(to, positionOf, indexAt) {
    const from = this.selection.anchor === null ? -1 : positionOf(this.selection.anchor);
    if (from < 0) { this.selection.toggle(indexAt(to)); return; }
    const [first, last] = from < to ? [from, to] : [to, from];
    this.selection.add(Array.from({ length: last - first + 1 }, (_, i) => indexAt(first + i)));
  }

  update() {
    const { selection, tags } = this;
    let unseen = 0;
    for (const index of selection.chosen) if (!this.host.shows(index)) unseen++;
    if (this.named !== tags.all) [this.named, this.names] = [tags.all, tags.names];
    this.bar.update({ selected: selection.size, unseen, names: this.names, readOnly: this.host.data().readOnly });
  }

  async load(version) {
    const before = this.tags.all;
    await this.tags.load(version);
    return this.tags.all !== before;
  }

  async apply(digests, change) {
    const changed = await this.tags.write(digests, change);
    this.host.changed();
    return changed;
  }

  async write(tag, removed) {
    const digests = await this.digests([...this.selection.chosen]);
    const known = [...new Set(digests.filter(Boolean))];
    const changed = known.length ? await this.apply(known, { tag, removed }) : 0;
    const without = digests.length - digests.filter(Boolean).length;
    const images = (n) => `${count(n)} ${n === 1 ? "image" : "images"}`;
    const done = changed ? `${removed ? "Removed from" : "Tagged"} ${images(changed)}.` : removed ? "None of them has this tag." : "All of them have this tag.";
    return without ? `${done} ${images(without)} without stored pixels cannot be tagged.` : done;
  }

  async digests(indices) {
    const tiles = this.host.tiles();
    const all = await readJson(this.host.url("digests", this.host.data().tiles));
    return indices.map((index) => all[tiles.index[index] === index ? index : tiles.index.indexOf(index)] ?? null);
  }
}
