// The selected samples, by index: they stay selected when the filter, the order or the epoch changes.

export class Selection {
  constructor(onChange) {
    this.onChange = onChange;
    this.indices = new Set();
    this.anchor = null; // where a range begins
  }

  get size() { return this.indices.size; }

  has(index) { return this.indices.has(index); }

  toggle(index) {
    if (!this.indices.delete(index)) this.indices.add(index);
    this.anchor = index;
    this.onChange();
  }

  add(indices) {
    for (const index of indices) this.indices.add(index);
    this.onChange();
  }

  // From the sample toggled last to the one at position `to`, in the order of `results`.
  addRange(to, results) {
    const from = this.anchor === null ? -1 : results.positionOf(this.anchor);
    if (from < 0) { this.toggle(results.indexAt(to)); return; }
    const [first, last] = from < to ? [from, to] : [to, from];
    this.add(Array.from({ length: last - first + 1 }, (_, i) => results.indexAt(first + i)));
  }

  clear() {
    if (!this.indices.size && this.anchor === null) return;
    this.indices.clear();
    this.anchor = null;
    this.onChange();
  }
}
