// A sample in words: for the tooltip and for screen readers.

import { VERDICTS, VERDICT_SIGNS, className, confidence, count, number } from "../../../browser/format.js";

const orNull = (value) => (Number.isNaN(value) ? null : value);

export class Descriptions {
  // context() -> {table, classes, sources, tags (index -> names)}
  constructor(context) { this.context = context; }

  // The name of class `k` as a label or as a predicted class.
  className(kind, k) {
    const { table, classes } = this.context();
    if (kind === "predicted" && k === -1) return "invalid";
    if (k === table?.nulls[kind]) return kind === "label" ? "no label" : "none";
    return className(classes, k);
  }

  // One sentence for screen readers.
  sentence(row) {
    const { table, tags } = this.context();
    const label = table.label[row] === table.nulls.label ? "without label" : `label ${this.className("label", table.label[row])}`;
    const share = Number.isNaN(table.confidence[row]) ? "" : `, confidence ${confidence(table.confidence[row])}`;
    const tagged = tags.get(table.index[row]);
    return `Image ${table.index[row]}, ${VERDICTS[table.verdict[row]]}: ${label}, predicted `
      + `${this.className("predicted", table.predicted[row])}${share}${tagged ? `, tagged ${tagged.join(", ")}` : ""}`;
  }

  // The lines of the tooltip.
  lines(row) {
    const { table, sources, tags } = this.context();
    const verdict = VERDICTS[table.verdict[row]];
    const label = this.className("label", table.label[row]), predicted = this.className("predicted", table.predicted[row]);
    const source = sources?.[table.at ? table.at[row] : row], tagged = tags.get(table.index[row]);
    const facts = [
      `image ${count(table.index[row])}`,
      table.forgotten ? `forgotten ${table.forgotten[row]} ×` : "",
      table.changed[row] ? "changed since the previous epoch" : "",
    ];
    const numbers = [
      `confidence ${confidence(table.confidence[row])}`,
      `loss ${number(orNull(table.loss[row]))}`,
      `margin ${number(orNull(table.margin[row]))}`,
    ];
    return [
      { text: `${VERDICT_SIGNS[verdict]} ${label} → ${predicted}`, kind: `head ${verdict}` },
      { text: numbers.join(" · ") },
      { text: facts.filter(Boolean).join(" · ") },
      ...(tagged ? [{ text: `tagged ${tagged.join(", ")}` }] : []),
      ...(source ? [{ text: source, kind: "source" }] : []),
    ];
  }
}
