// Sizes of a tile on the screen, in pixels. Tiles that hold the pixels themselves are enlarged by whole numbers only, so
// that each pixel stays a square.

// layout: {cell (side of a stored tile), exact (it holds the pixels themselves)}
export function sizesOf({ cell, exact }) {
  if (!exact) return { least: 48, most: 192, step: 16 };
  const least = cell * Math.max(1, Math.ceil(24 / cell));
  return { least, most: cell * Math.max(least / cell, Math.floor(192 / cell)), step: cell };
}

// The possible size nearest to `wanted`; null is the default size.
export function sizeFor(layout, wanted) {
  const { least, most, step } = sizesOf(layout);
  const size = wanted ?? (layout.exact ? Math.max(1, Math.round(64 / step)) * step : 96);
  return Math.max(least, Math.min(most, least + Math.round((size - least) / step) * step));
}
