// Connects the tiles, the selection, its bar and the tags: the part of the gallery that writes.

import { plural } from "../../../browser/format.js";
import { readJson, rowOf } from "../data/columns.js";
import { Annotations } from "../sample/annotations.js";
import { Selection } from "../tiles/selection.js";
import { TagBar } from "./tagbar.js";
import { Tags } from "./tags.js";

export class Tagging {
  // host: url(path, query), data() (from the page), tiles() (columns of the split), isShown(index), focusGrid(),
  // onTags() when tags have changed, onSelection() when the selection has
  constructor(host) {
    this.host = host;
    this.tags = new Tags(host.url);
    this.selection = new Selection(() => { this.update(); host.onSelection(); });
    this.bar = new TagBar({ write: (tag, removed) => this.write(tag, removed), clear: () => this.clear() });
    this.annotations = new Annotations((index, digest, change) => this.apply([digest], change));
  }

  // Another run or split is shown: nothing of the one before stays selected.
  reset() {
    this.tags.reset();
    this.selection.clear();
    this.annotations.reset();
  }

  clear() {
    this.selection.clear();
    this.host.focusGrid();
  }

  update() {
    const { selection, tags } = this;
    let unseen = 0;
    for (const index of selection.indices) if (!this.host.isShown(index)) unseen++;
    if (this.listed !== tags.all) [this.listed, this.names] = [tags.all, tags.names];
    this.bar.update({ selected: selection.size, unseen, names: this.names, readOnly: this.host.data().readOnly });
  }

  // Resolves to whether the tags changed.
  async load(version) {
    const before = this.tags.all;
    await this.tags.load(version);
    return this.tags.all !== before;
  }

  async apply(digests, change) {
    const changed = await this.tags.write(digests, change);
    this.host.onTags();
    return changed;
  }

  // Tags the selected samples; resolves to a sentence about the result.
  async write(tag, removed) {
    const digests = await this.digests([...this.selection.indices]);
    const known = [...new Set(digests.filter(Boolean))];
    const changed = known.length ? await this.apply(known, { tag, removed }) : 0;
    const without = digests.length - digests.filter(Boolean).length;
    const unchanged = removed ? "None of them has this tag." : "All of them have this tag.";
    const result = changed ? `${removed ? "Removed from" : "Tagged"} ${plural(changed, "image")}.` : unchanged;
    return without ? `${result} ${plural(without, "image")} without stored pixels cannot be tagged.` : result;
  }

  async digests(indices) {
    const tiles = this.host.tiles();
    const all = await readJson(this.host.url("digests", { v: this.host.data().tiles }));
    return indices.map((index) => all[rowOf(tiles, index)] ?? null);
  }
}
