// Where things are on the canvas: margins for the names, the square of cells, and the part of it that is visible.

import { clamp } from "./colours.js";
import { nameOf } from "../model.js";

export const FONT_SIZE = 12;
export const NAME_ROOM = 112; // pixels of a name before it is shortened
export const LEAST_SPAN = 6; // cells along a side when zoomed in completely
export const ZOOM_FROM = 24; // classes; fewer fit without zoom

// Computes all sizes, in CSS pixels, for the available width, and keeps the visible part inside the matrix.
export function layOut(s) {
  const { rows, columns } = s.axes, pen = s.base.getContext("2d");
  pen.font = font(s, 500);
  const widest = (codes, isColumn) => {
    const widths = codes.slice(0, 400).map((c) => pen.measureText(nameOf(s.model, c, isColumn)).width);
    return Math.min(NAME_ROOM, Math.ceil(Math.max(40, ...widths)));
  };
  const most = Math.max(rows.length, columns.length, 1);
  const left = widest(rows, false) + 30, names = widest(columns, true);
  const tallest = clamp(window.innerHeight - 270, 420, 900); // the whole matrix fits on the screen
  const guess = clamp(Math.min(s.width - left - 8, tallest - 60), 160, 760) / most;
  const level = guess >= names + 6, steep = guess < 20;
  const tail = level ? 0 : steep ? 8 : Math.round(names * 0.64);
  const top = level ? 44 : steep ? names + 34 : Math.round(names * 0.72) + 40;
  const side = clamp(Math.min(s.width - left - tail - 2, tallest - top), 160, 760);
  const height = Math.ceil(top + side * Math.min(1, rows.length / most)) + 2;
  s.place = { left, top, side, most, names, rowNames: left - 30, level, steep, width: left + side + tail + 2, height };
  s.zoomable = most > ZOOM_FROM;
  const span = s.zoomable ? clamp(s.view.span || most, Math.min(LEAST_SPAN, most), most) : most;
  s.view = { span, x: clamp(s.view.x, 0, most - span), y: clamp(s.view.y, 0, most - span) };
}

export const cellSize = (s) => s.place.side / s.view.span;
export const font = (s, weight, size = FONT_SIZE) => `${weight} ${size}px ${s.fontFamily}`;

// What is at (x, y) of the canvas: {row, column} as places on the axes, -1 for a name; null for nothing.
export function hit(s, x, y) {
  const { left, top, side } = s.place, size = cellSize(s);
  const column = Math.floor((x - left) / size + s.view.x), row = Math.floor((y - top) / size + s.view.y);
  const inColumns = x >= left && x < left + side && column < s.axes.columns.length;
  const inRows = y >= top && y < top + side && row < s.axes.rows.length;
  if (inColumns && inRows) return { row, column };
  if (inRows && x < left) return { row, column: -1 };
  if (inColumns && y < top && y > 18) return { row: -1, column };
  return null;
}

// The rectangle of a target in CSS pixels, as far as it is visible.
export function rectOf(s, { row, column }) {
  const { left, top, side } = s.place, size = cellSize(s);
  const cut = (start) => [clamp(start, 0, side), clamp(start + size, 0, side)];
  const [x0, x1] = column < 0 ? [-left + 16, 0] : cut((column - s.view.x) * size);
  const [y0, y1] = row < 0 ? [-top + 18, 0] : cut((row - s.view.y) * size);
  return { x: left + x0, y: top + y0, width: x1 - x0, height: y1 - y0 };
}

// Zooms by `factor` (below 1 zooms in) about a point given in cells.
export function zoomAt(s, factor, x, y) {
  const span = clamp(s.view.span * factor, Math.min(LEAST_SPAN, s.place.most), s.place.most);
  const keep = span / s.view.span;
  zoomTo(s, x - (x - s.view.x) * keep, y - (y - s.view.y) * keep, span);
}

export function zoomTo(s, x, y, span) {
  const most = s.place.most;
  s.view = { span, x: clamp(x, 0, most - span), y: clamp(y, 0, most - span) };
}

// Moves the visible part so that the cell is in it.
export function reveal(s, { row, column }) {
  const { span } = s.view, into = (at, start) => (at < 0 ? start : clamp(start, at + 1 - span, at));
  zoomTo(s, into(column, s.view.x), into(row, s.view.y), span);
}
