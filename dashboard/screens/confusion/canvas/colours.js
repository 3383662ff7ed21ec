// Perceptually uniform colour ramps: in OKLCH (Björn Ottosson, 2020) lightness changes linearly from the surface to the
// end of the ramp, in one hue. Ramps get darker on light surfaces and lighter on dark ones.

export const clamp = (x, low, high) => Math.max(low, Math.min(high, x));

export function hexToRgb(hex) {
  const n = parseInt(hex.slice(1), 16);
  return [(n >> 16) & 255, (n >> 8) & 255, n & 255];
}

export function rgbToOklch([red, green, blue]) {
  const [r, g, b] = [red, green, blue].map((v) => {
    const x = v / 255;
    return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
  });
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const A = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const B = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, Math.hypot(A, B), Math.atan2(B, A)];
}

export function oklchToLinear(L, C, H) {
  const A = C * Math.cos(H), B = C * Math.sin(H);
  const l = (L + 0.3963377774 * A + 0.2158037573 * B) ** 3;
  const m = (L - 0.1055613458 * A - 0.0638541728 * B) ** 3;
  const s = (L - 0.0894841775 * A - 1.291485548 * B) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

export function oklchToRgb(L, C, H) {
  let rgb = oklchToLinear(L, C, H);
  while (C > 0.002 && rgb.some((v) => v < -0.001 || v > 1.001)) {
    C *= 0.95;
    rgb = oklchToLinear(L, C, H);
  }
  return rgb.map((v) => {
    const x = clamp(v, 0, 1);
    return Math.round(255 * (x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055));
  });
}

export const STEPS = 256;

// STEPS colours [r, g, b] from the surface to the full colour; both are "#rrggbb".
export function ramp(surface, colour) {
  const [from] = rgbToOklch(hexToRgb(surface));
  const [, chroma, hue] = rgbToOklch(hexToRgb(colour));
  const to = from > 0.5 ? 0.53 : 0.76;
  const peak = Math.max(chroma, 0.13);
  const base = hexToRgb(surface);
  return Array.from({ length: STEPS }, (_, i) => {
    const t = i / (STEPS - 1);
    return i ? oklchToRgb(from + (to - from) * t, peak * Math.min(1, 1.5 * t), hue) : base;
  });
}

// All ramps of a theme, by what they stand for.
export function ramps(palette) {
  return {
    surface: hexToRgb(palette.surface),
    correct: ramp(palette.surface, palette.correct),
    wrong: ramp(palette.surface, palette.wrong),
    invalid: ramp(palette.surface, palette.invalid),
    better: ramp(palette.surface, palette.train),
    worse: ramp(palette.surface, palette.wrong),
  };
}

// Dark or white, whichever is readable on [r, g, b]; white where both are.
export function inkOn(rgb) {
  const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return luminance < 0.24 ? "#ffffff" : "#12141f";
}
