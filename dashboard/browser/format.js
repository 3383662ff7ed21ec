// How values are written. The rules of `number`, `percent` and `plural` are those of dashboard/formatting.py, so that a
// value reads the same in a table and in a card; tests/js/cases/format.json is the table that both are tested against.

export const VERDICTS = ["correct", "wrong", "unlabelled", "invalid"]; // by code, as logger/schema lists them
export const VERDICT_SIGNS = { correct: "✓", wrong: "✕", unlabelled: "–", invalid: "⚠" };

// The name of class k; a class that was not declared has none.
export const className = (names, k) => names[k] ?? `unknown (${k})`;

const NONE = "–";
const grouped = new Intl.NumberFormat("en-US");

// A whole number: 2,000.
export const count = (n) => grouped.format(n);

// 1 image, 2,000 images.
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

// About `digits` significant digits: 0.9312, 12.35, 1.23e-05, NaN, ∞; a dash for null. Infinities and NaN come from JSON
// as their names.
export function number(value, digits = 4) {
  if (value === null || value === undefined) return NONE;
  const v = Number(value), sign = v < 0 ? "−" : "", size = Math.abs(v);
  if (Number.isNaN(v)) return "NaN";
  if (size === Infinity) return `${sign}∞`;
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return sign + exponential(size, digits - 2);
  const whole = Math.trunc(size), decimals = Math.max(0, digits - (whole ? String(whole).length : 0));
  const [integer, fraction] = fixed(size, decimals).split(".");
  return sign + count(Number(integer)) + (fraction ? `.${fraction}` : "");
}

// The same without trailing zeros: 0, 255, 0.29; for single facts, where nothing is to be aligned.
export const compact = (value) => number(value).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");

const exponential = (size, decimals) => size.toExponential(decimals).replace(/e([+-])(\d)$/, "e$10$2");

// A share of 0 to 1 as a percentage: 93.1 %.
export function percent(share, digits = 1) {
  return share === null || share === undefined || Number.isNaN(share) ? NONE : `${fixed(100 * share, digits)} %`;
}

// A confidence in whole percent; never 100 % for less than certain.
export function confidence(share) {
  if (share === null || share === undefined || Number.isNaN(share)) return NONE;
  return share >= 0.995 && share < 1 ? "99 %" : `${Math.round(100 * share)} %`;
}

// A change with its sign: +1,234, −0.6 pp. write(size) writes the size; what it writes as nothing has no sign.
export function signed(value, write = count) {
  const text = write(Math.abs(value));
  return (value === 0 || !/[1-9∞]/.test(text) ? "" : value > 0 ? "+" : "−") + text;
}

// Percentage points without a sign: 0.6 pp.
export const points = (share) => `${fixed(100 * share, 1)} pp`;

// `digits` decimals. A tie goes to the even digit as in Python, where toFixed takes the larger one; only a number whose
// binary fraction ends right there is a tie.
export function fixed(value, digits) {
  const halves = Math.abs(value) * 2 ** (digits + 1);
  if (!Number.isSafeInteger(halves) || halves % 2 === 0) return value.toFixed(digits);
  const scaled = Math.abs(value) * 10 ** digits, below = Math.floor(scaled);
  const even = below % 2 === 0 ? below : below + 1;
  return ((Math.sign(value) * even) / 10 ** digits).toFixed(digits);
}
