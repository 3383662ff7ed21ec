// Columns as the gallery holds them, for tests.

export const NONE = -2147483648;

// rows: [{index, label, predicted, confidence, loss, margin, verdict (its code), changed}], each with defaults
export function outcomes(rows) {
  const column = (name, type, fallback) => type.from(rows, (row, i) => row[name] ?? fallback(i));
  return {
    rows: rows.length, nulls: { label: NONE, predicted: NONE },
    index: column("index", Int32Array, (i) => i),
    label: Int32Array.from(rows, (row) => (row.label === null ? NONE : row.label ?? 0)),
    predicted: column("predicted", Int32Array, () => 0),
    confidence: column("confidence", Float32Array, () => 0.5),
    loss: column("loss", Float32Array, () => 0),
    margin: column("margin", Float32Array, () => 0),
    verdict: column("verdict", Int8Array, () => 0),
    changed: column("changed", Int8Array, () => 0),
  };
}
