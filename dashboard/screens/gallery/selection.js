// Which samples are selected, by index: they stay selected when the filter, the order or the epoch changes.

export class Selection {
  constructor(changed) {
    this.changed = changed;
    this.chosen = new Set();
    this.anchor = null; // where a range begins
  }

  get size() { return this.chosen.size; }

  has(index) { return this.chosen.has(index); }

  toggle(index) {
    if (!this.chosen.delete(index)) this.chosen.add(index);
    this.anchor = index;
    this.changed();
  }

  add(indices) {
    for (const index of indices) this.chosen.add(index);
    this.changed();
  }

  clear() {
    if (!this.chosen.size && this.anchor === null) return;
    this.chosen.clear();
    this.anchor = null;
    this.changed();
  }
}
