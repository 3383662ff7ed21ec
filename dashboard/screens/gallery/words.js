// What is said of a sample in words: to who sees the tip, and to who hears the tile.

import { confidence, count, number } from "./dom.js";
import { VERDICTS } from "./filter.js";
import { SIGNS } from "./grid.js";

export class Words {
  // known(): {table, classes, sources, tags (index -> names)}
  constructor(known) { this.known = known; }

  name(kind, k) {
    const { table, classes } = this.known();
    if (kind === "predicted" && k === -1) return "invalid";
    if (k === table?.nulls[kind]) return kind === "label" ? "no label" : "none";
    return k >= 0 && k < classes.length ? classes[k] : `unknown (${k})`;
  }

  describe(row) {
    const { table, tags } = this.known();
    const label = table.label[row] === table.nulls.label ? "without label" : `label ${this.name("label", table.label[row])}`;
    const sure = Number.isNaN(table.confidence[row]) ? "" : `, confidence ${confidence(table.confidence[row])}`;
    const tagged = tags.get(table.index[row]);
    return `Image ${table.index[row]}, ${VERDICTS[table.verdict[row]]}: ${label}, predicted ${this.name("predicted", table.predicted[row])}${sure}${tagged ? `, tagged ${tagged.join(", ")}` : ""}`;
  }

  // Lines of the tip.
  tip(row) {
    const { table, sources, tags } = this.known();
    const verdict = VERDICTS[table.verdict[row]];
    const label = this.name("label", table.label[row]), predicted = this.name("predicted", table.predicted[row]);
    const source = sources?.[table.at ? table.at[row] : row], tagged = tags.get(table.index[row]);
    return [
      { text: `${SIGNS[verdict]} ${label} → ${predicted}`, kind: `head ${verdict}` },
      { text: `confidence ${confidence(table.confidence[row])} · loss ${number(table.loss[row])} · margin ${number(table.margin[row])}` },
      { text: [`image ${count(table.index[row])}`, table.forgotten ? `forgotten ${table.forgotten[row]} ×` : null, table.changed[row] ? "changed since the epoch before" : null].filter(Boolean).join(" · ") },
      ...(tagged ? [{ text: `tagged ${tagged.join(", ")}` }] : []),
      ...(source ? [{ text: source, kind: "source" }] : []),
    ];
  }
}
