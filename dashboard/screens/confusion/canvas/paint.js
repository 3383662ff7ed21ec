// Draws cells, numbers and names, and on a second canvas what the pointer or the keyboard is on.

import { clamp, inkOn } from "./colours.js";
import { cellSize, font, rectOf } from "./layout.js";
import { cellText, colourOf, FAINTEST_DOT, kindOf, scaleOf, valuesOf } from "../model.js";
import { paintColumnName, paintNames, paintRowName } from "./names.js";

const POOLED_BELOW = 4; // device pixels; smaller cells share pixels, which show the strongest of them

function prepare(canvas, s) {
  const ratio = window.devicePixelRatio || 1, { width, height } = s.place;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = width + "px";
  canvas.style.height = height + "px";
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}

export function paint(s) {
  s.values = valuesOf(s.model, s.local.normalize);
  s.scale = scaleOf(s.model, s.values, s.local.normalize, s.local.diagonal);
  const pen = prepare(s.base, s), { left, top } = s.place, size = cellSize(s);
  const [across, down] = extent(s);
  pen.fillStyle = s.palette.surface;
  pen.fillRect(left, top, across, down);
  pen.save();
  pen.beginPath();
  pen.rect(left, top, across, down);
  pen.clip();
  if (size * (window.devicePixelRatio || 1) < POOLED_BELOW) paintPooled(s, pen, size);
  else paintCells(s, pen, size);
  paintEdge(s, pen, size);
  pen.restore();
  paintNames(s, pen);
  paintOver(s);
}

// Width and height of the visible cells, in CSS pixels.
const extent = (s) => [s.axes.columns, s.axes.rows].map((codes) => Math.min(s.view.span, codes.length) * cellSize(s));

// Visible cells as [index, row place, column place].
function* visibleCells(s, size) {
  const { x, y, span } = s.view, { label, predicted } = s.model;
  for (let i = 0; i < label.length; i++) {
    const row = s.rowPlace.get(label[i]), column = s.columnPlace.get(predicted[i]);
    if (row + 1 > y && row < y + span && column + 1 > x && column < x + span) yield [i, row, column];
  }
}

const isHidden = (s, i) => !s.local.diagonal && kindOf(s.model, i) === "correct";

function paintCells(s, pen, size) {
  const { left, top } = s.place, gap = size >= 12 ? 1 : 0, written = numbersFit(s, pen, size);
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (const [i, row, column] of visibleCells(s, size)) {
    const x = left + (column - s.view.x) * size, y = top + (row - s.view.y) * size;
    if (isHidden(s, i)) { paintHidden(s, pen, x, y, size); continue; }
    const rgb = colourOf(s.model, s.colours, s.values, s.scale, i);
    pen.fillStyle = `rgb(${rgb})`;
    pen.fillRect(x, y, size - gap, size - gap);
    if (!written || (s.model.compared && s.values[i] === 0)) continue;
    pen.fillStyle = inkOn(rgb);
    pen.fillText(cellText(s.model, s.local.normalize, s.values[i], size), x + size / 2, y + size / 2 + 0.5);
  }
}

// Sets the font of the numbers. Returns whether they fit into the cells.
function numbersFit(s, pen, size) {
  if (size < 22) return false;
  pen.font = font(s, 500, clamp(size * 0.3, 10, 14));
  let widest = 0;
  for (const [i] of visibleCells(s, size)) {
    const text = isHidden(s, i) ? "" : cellText(s.model, s.local.normalize, s.values[i], size);
    widest = Math.max(widest, pen.measureText(text).width);
  }
  return widest <= size - 4;
}

function paintHidden(s, pen, x, y, size) {
  pen.strokeStyle = s.palette.border;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(x + size * 0.3, y + size * 0.7);
  pen.lineTo(x + size * 0.7, y + size * 0.3);
  pen.stroke();
}

// Cells smaller than pixels: each pixel shows the strongest value that falls on it, so that no cell is lost.
function paintPooled(s, pen, size) {
  const ratio = window.devicePixelRatio || 1, side = Math.round(s.place.side * ratio), step = size * ratio;
  const strength = new Float32Array(side * side), picture = new ImageData(side, side);
  const sparse = s.model.label.length < 0.05 * side * side, dot = Math.max(sparse ? 2 : 1, Math.ceil(step));
  for (const [i, row, column] of visibleCells(s, size)) {
    if (isHidden(s, i)) continue;
    const kind = kindOf(s.model, i), most = kind === "correct" ? s.scale.correct : s.scale.wrong;
    const value = s.values[i] ? FAINTEST_DOT + Math.sqrt(Math.abs(s.values[i]) / most) : 0;
    const rgb = colourOf(s.model, s.colours, s.values, s.scale, i, FAINTEST_DOT);
    const x0 = Math.floor((column - s.view.x) * step), y0 = Math.floor((row - s.view.y) * step);
    for (let y = Math.max(0, y0); y < Math.min(side, y0 + dot); y++) {
      for (let x = Math.max(0, x0); x < Math.min(side, x0 + dot); x++) {
        const at = y * side + x;
        if (value <= strength[at]) continue;
        strength[at] = value;
        picture.data.set([rgb[0], rgb[1], rgb[2], 255], 4 * at);
      }
    }
  }
  s.pool.width = s.pool.height = side;
  s.pool.getContext("2d").putImageData(picture, 0, 0);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(s.pool, s.place.left, s.place.top, s.place.side, s.place.side);
}

// Lines between the declared classes and what follows them.
function paintEdge(s, pen, size) {
  const { left, top, side } = s.place, k = s.model.classes;
  pen.strokeStyle = s.palette.muted;
  pen.lineWidth = 1;
  pen.beginPath();
  if (s.axes.columns.length > k) line(pen, left + (k - s.view.x) * size - 0.5, top, 0, side);
  if (s.axes.rows.length > k) line(pen, left, top + (k - s.view.y) * size - 0.5, side, 0);
  pen.stroke();
}

function line(pen, x, y, across, down) {
  pen.moveTo(x, y);
  pen.lineTo(x + across, y + down);
}

// The upper canvas: crosshair, names of its row and column, and the box that is being dragged.
export function paintOver(s) {
  const pen = prepare(s.over, s), at = s.target || s.focus;
  if (at) paintCross(s, pen, at);
  if (s.box) {
    pen.fillStyle = s.palette.accent + "33";
    pen.strokeStyle = s.palette.accent;
    pen.fillRect(s.box.x, s.box.y, s.box.width, s.box.height);
    pen.strokeRect(s.box.x + 0.5, s.box.y + 0.5, s.box.width, s.box.height);
  }
}

function paintCross(s, pen, at) {
  const { left, top } = s.place, rect = rectOf(s, at), [across, down] = extent(s);
  pen.strokeStyle = s.palette.accent;
  pen.lineWidth = 1;
  pen.globalAlpha = 0.75;
  if (at.row >= 0) pen.strokeRect(left - 0.5, rect.y - 0.5, across, rect.height);
  if (at.column >= 0) pen.strokeRect(rect.x - 0.5, top - 0.5, rect.width, down);
  pen.globalAlpha = 1;
  pen.font = font(s, 600);
  if (at.row >= 0) underlay(s, pen, 14, rect.y + rect.height / 2 - clearance(s), left - 17, 2 * clearance(s), () => paintRowName(s, pen, at.row, s.palette.accent));
  if (at.column >= 0) markColumn(s, pen, at.column, rect);
  if (at.row >= 0 && at.column >= 0) {
    pen.strokeStyle = s.palette.accent;
    pen.lineWidth = 2;
    const more = rect.width < 6 ? 3 : 0;
    pen.strokeRect(rect.x - more, rect.y - more, rect.width + 2 * more - 1, rect.height + 2 * more - 1);
  }
}

// Half the height that a marked name clears: where names are left out, no other one is cut in two.
const clearance = (s) => (cellSize(s) < 14 ? 20 : 9);

function underlay(s, pen, x, y, width, height, draw) {
  pen.fillStyle = s.palette.background;
  pen.fillRect(x, y, width, height);
  draw();
}

function markColumn(s, pen, column, rect) {
  const { top, level, names } = s.place, middle = rect.x + rect.width / 2, clear = clearance(s);
  pen.fillStyle = s.palette.background;
  if (level) pen.fillRect(rect.x, 18, rect.width, top - 20);
  else {
    pen.save();
    pen.translate(middle, top - 8);
    pen.rotate(s.place.steep ? -Math.PI / 2 : -Math.PI / 4);
    pen.fillRect(-2, -clear, names + 8, 2 * clear);
    pen.restore();
  }
  paintColumnName(s, pen, column, s.palette.accent);
}
