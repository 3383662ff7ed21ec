// Sizes of a tile on the screen, in pixels: whole multiples for pictures that are stored whole, so that each of their
// pixels stays a square.

// layout: {cell, exact}
export function sizesOf({ cell, exact }) {
  if (!exact) return { least: 48, most: 192, step: 16 };
  const least = cell * Math.max(1, Math.ceil(24 / cell));
  return { least, most: cell * Math.max(least / cell, Math.floor(192 / cell)), step: cell };
}

// The size nearest to the wanted one; null is the page's choice.
export function sizeFor(layout, wanted) {
  const { least, most, step } = sizesOf(layout);
  const size = wanted ?? (layout.exact ? Math.max(1, Math.round(64 / step)) * step : 96);
  return Math.max(least, Math.min(most, least + Math.round((size - least) / step) * step));
}
