// Where every tile is in the scroll area: plain arithmetic. A position counts the shown samples from 0.

const GAP = 8;
const HEADER = 38;

export class Layout {
  // groups: [{key, rows}]; size: side of a tile; caption: height of the text below it; width: of the scroll area.
  constructor(groups, { size, caption, width }) {
    this.groups = groups;
    this.header = groups.length && groups[0].key !== null ? HEADER : 0;
    this.across = size + GAP;
    this.down = size + caption + GAP;
    this.columns = Math.max(1, Math.floor((width - GAP) / this.across));
    this.left = Math.max(GAP, Math.floor((width - this.columns * this.across + GAP) / 2));
    this.starts = []; // first position of each group
    this.tops = []; // top of each group, in pixels
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
    const g = lastNotAbove(this.starts, position);
    return this.groups[g].rows[position - this.starts[g]];
  }

  place(position) {
    const g = lastNotAbove(this.starts, position), nth = position - this.starts[g];
    const line = Math.floor(nth / this.columns);
    return {
      x: this.left + (nth % this.columns) * this.across,
      y: this.tops[g] + this.header + line * this.down,
    };
  }

  // The tiles between two heights, from position `first` to before `end`, and the groups there.
  between(top, bottom) {
    if (!this.count) return { first: 0, end: 0, groups: [] };
    const from = lastNotAbove(this.tops, Math.max(0, top)), to = lastNotAbove(this.tops, Math.max(0, bottom));
    const line = (g, y) => Math.max(0, Math.floor((y - this.tops[g] - this.header) / this.down));
    const size = (g) => this.groups[g].rows.length;
    const first = this.starts[from] + Math.min(size(from), line(from, top) * this.columns);
    const end = this.starts[to] + Math.min(size(to), (line(to, bottom) + 1) * this.columns);
    const groups = this.header ? Array.from({ length: to - from + 1 }, (_, i) => from + i) : [];
    return { first, end, groups };
  }

  // The position one line up (-1) or down (1), in the same column if that line is long enough.
  vertical(position, direction) {
    const g = lastNotAbove(this.starts, position), nth = position - this.starts[g];
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

// The place of the last value that is not above `wanted`, in rising values: binary search.
function lastNotAbove(values, wanted) {
  let low = 0, high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (values[middle] <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}
