// Where every tile stands in the scroll: plain arithmetic, no page. Positions count shown samples from 0.

const GAP = 8;
const HEADER = 38;

export class Layout {
  // groups: [{key, rows}]; size: side of a tile; caption: height of the text under it; width: of the scroll area.
  constructor(groups, { size, caption, width }) {
    this.groups = groups;
    this.header = groups.length && groups[0].key !== null ? HEADER : 0;
    this.across = size + GAP;
    this.down = size + caption + GAP;
    this.columns = Math.max(1, Math.floor((width - GAP) / this.across));
    this.left = Math.max(GAP, Math.floor((width - this.columns * this.across + GAP) / 2));
    this.starts = []; // first position of each group
    this.tops = []; // where each group begins, in pixels
    let position = 0, y = this.header ? 0 : GAP;
    for (const { rows } of groups) {
      this.starts.push(position);
      this.tops.push(y);
      position += rows.length;
      y += this.header + Math.ceil(rows.length / this.columns) * this.down;
    }
    this.count = position;
    this.height = y + GAP;
  }

  row(position) {
    const g = below(this.starts, position);
    return this.groups[g].rows[position - this.starts[g]];
  }

  place(position) {
    const g = below(this.starts, position), nth = position - this.starts[g];
    const line = Math.floor(nth / this.columns);
    return {
      x: this.left + (nth % this.columns) * this.across,
      y: this.tops[g] + this.header + line * this.down,
    };
  }

  // Positions of the tiles between two heights (first, and one past the last), and the groups begun there.
  between(top, bottom) {
    if (!this.count) return { first: 0, end: 0, groups: [] };
    const from = below(this.tops, Math.max(0, top)), to = below(this.tops, Math.max(0, bottom));
    const line = (g, y) => Math.max(0, Math.floor((y - this.tops[g] - this.header) / this.down));
    const size = (g) => this.groups[g].rows.length;
    const first = this.starts[from] + Math.min(size(from), line(from, top) * this.columns);
    const end = this.starts[to] + Math.min(size(to), (line(to, bottom) + 1) * this.columns);
    const groups = this.header ? Array.from({ length: to - from + 1 }, (_, i) => from + i) : [];
    return { first, end, groups };
  }

  // The position that an arrow key leads to: one line up (-1) or down (1), in the same column where there is one.
  vertical(position, direction) {
    const g = below(this.starts, position), nth = position - this.starts[g];
    const column = nth % this.columns, line = Math.floor(nth / this.columns) + direction;
    const last = (group) => Math.ceil(this.groups[group].rows.length / this.columns) - 1;
    const at = (group, wanted) =>
      this.starts[group] + Math.min(wanted * this.columns + column, this.groups[group].rows.length - 1);
    if (line >= 0 && line <= last(g)) return at(g, line);
    const next = g + direction;
    if (next < 0 || next >= this.groups.length) return position;
    return at(next, direction > 0 ? 0 : last(next));
  }
}

// Place of the last value that is not above `wanted`, in rising values.
function below(values, wanted) {
  let low = 0, high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (values[middle] <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}
