// The samples on the screen in their order. A position counts them from 0 across all groups.

export class Results {
  // groups: [{key, rows}] of `table`
  constructor(table, groups) {
    this.table = table;
    this.groups = groups;
    this.count = groups.reduce((sum, { rows }) => sum + rows.length, 0);
  }

  // The position of the sample `index`, -1 when it is not among them.
  positionOf(index) {
    if (index === null || index === undefined) return -1;
    if (!this.positions) {
      this.positions = new Map();
      for (const { rows } of this.groups) for (const row of rows) this.positions.set(this.table.index[row], this.positions.size);
    }
    return this.positions.get(index) ?? -1;
  }

  indexAt(position) {
    let first = 0;
    for (const { rows } of this.groups) {
      if (position < first + rows.length) return this.table.index[rows[position - first]];
      first += rows.length;
    }
    return undefined;
  }

  get indices() { return this.groups.flatMap(({ rows }) => Array.from(rows, (row) => this.table.index[row])); }
}
