// Names of the rows and columns, leaving some out where they would overlap, and of the two axes.

import { cellSize, font } from "./layout.js";
import { nameOf } from "../model.js";

export function elide(pen, text, room) {
  if (pen.measureText(text).width <= room) return text;
  let length = text.length;
  while (length > 1 && pen.measureText(`${text.slice(0, length)}…`).width > room) length--;
  return `${text.slice(0, length)}…`;
}

export function paintNames(s, pen) {
  const { left, top, level } = s.place, size = cellSize(s);
  pen.font = font(s, 600, 11);
  pen.fillStyle = s.palette.muted;
  pen.textAlign = "left";
  pen.textBaseline = "top";
  pen.fillText("predicted →", left, 1);
  pen.save();
  pen.translate(1, top);
  pen.rotate(-Math.PI / 2);
  pen.textAlign = "right";
  pen.fillText("← label", 0, 0);
  pen.restore();
  pen.font = font(s, 500);
  const every = (least) => Math.max(1, Math.ceil(least / size));
  const rows = shownPlaces(s.axes.rows.length, s.view.y, s.view.span, every(14));
  for (const row of rows) paintRowName(s, pen, row, s.palette.text);
  const least = level ? 1 : s.place.steep ? 14 : 19;
  const columns = shownPlaces(s.axes.columns.length, s.view.x, s.view.span, every(least));
  for (const column of columns) paintColumnName(s, pen, column, s.palette.text);
}

export function shownPlaces(length, start, span, every) {
  const places = [];
  for (let at = Math.ceil(Math.ceil(start - 0.5) / every) * every; at < Math.min(length, start + span - 0.4); at += every) places.push(at);
  return places;
}

export function paintRowName(s, pen, row, colour) {
  const { left, top } = s.place, y = top + (row + 0.5 - s.view.y) * cellSize(s);
  pen.fillStyle = colour;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  pen.fillText(elide(pen, nameOf(s.model, s.axes.rows[row], false), s.place.rowNames), left - 8, y);
}

export function paintColumnName(s, pen, column, colour) {
  const { left, top, level, steep, names } = s.place, size = cellSize(s), x = left + (column + 0.5 - s.view.x) * size;
  const name = nameOf(s.model, s.axes.columns[column], true);
  pen.fillStyle = colour;
  pen.save();
  pen.translate(x, top - 8);
  if (!level) pen.rotate(steep ? -Math.PI / 2 : -Math.PI / 4);
  pen.textAlign = level ? "center" : "left";
  pen.textBaseline = level ? "bottom" : "middle";
  pen.fillText(elide(pen, name, level ? size - 4 : names), 0, 0);
  pen.restore();
}
