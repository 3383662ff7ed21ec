// One tile: its picture cut out of a sheet, its verdict and its caption.

import { element } from "../../../browser/dom.js";
import { VERDICTS, VERDICT_SIGNS, confidence } from "../../../browser/format.js";

const ONE_LINE_FROM = 112; // smaller tiles have the label above the predicted class

// An empty tile, to be filled again and again.
export function createTile() {
  const tile = element("button", { class: "tile", type: "button", role: "option", tabindex: -1 });
  tile.box = element("span", { class: "box" });
  tile.picture = element("span", { class: "picture" });
  tile.sign = element("span", { class: "sign", "aria-hidden": "true" });
  tile.label = element("span", { class: "from" });
  tile.arrow = element("span", { class: "turn" });
  tile.predicted = element("span", { class: "to" });
  tile.share = element("span", { class: "share" });
  tile.check = element("span", { class: "check", "aria-hidden": "true", title: "Select", text: "✓" });
  tile.flag = element("span", { class: "flag", "aria-hidden": "true" });
  tile.box.append(tile.picture, tile.sign, tile.flag, tile.check);
  tile.append(tile.box, element("span", { class: "caption" },
    element("span", { class: "words" }, tile.label, tile.arrow, tile.predicted), tile.share));
  return tile;
}

// state: what the grid shows, see Grid.show; place: {x, y} in pixels; description: for screen readers.
export function fillTile(tile, { state, row, position, place, description }) {
  const { table, className } = state;
  const verdict = VERDICTS[table.verdict[row]] || "unlabelled";
  Object.assign(tile, { position, row, hidden: false, id: `tile-${position}`, className: `tile ${verdict}` });
  Object.assign(tile.dataset, { position, index: table.index[row] });
  tile.style.transform = `translate(${place.x}px, ${place.y}px)`;
  tile.setAttribute("aria-label", description);
  tile.sign.textContent = VERDICT_SIGNS[verdict];
  const differs = verdict === "wrong" || (verdict === "invalid" && table.label[row] !== table.nulls.label);
  const label = differs && !state.sameLabel ? className("label", table.label[row]) : "";
  const predicted = className("predicted", table.predicted[row]);
  const stacked = label !== "" && state.size < ONE_LINE_FROM;
  tile.classList.toggle("stacked", stacked);
  tile.label.textContent = label;
  tile.arrow.textContent = differs && !stacked ? "→" : "";
  tile.predicted.textContent = stacked ? `→ ${predicted}` : predicted;
  tile.share.textContent = `${stacked ? "" : VERDICT_SIGNS[verdict]} ${confidence(table.confidence[row])}`;
  paintTile(tile, state);
}

// The picture; a neutral box while its sheet is loading, a placeholder when there are no pixels.
export function paintTile(tile, state) {
  const { table, sheets } = state;
  const number = table.sheet[tile.row], none = number === table.nulls.sheet;
  const sheet = none ? null : sheets.get(number);
  tile.sheet = none ? null : number;
  const loading = sheet === undefined;
  const shown = sheet?.state === "ready" && crop(tile.picture, state, tile.row, sheet, state.size);
  if (!shown) tile.picture.style.backgroundImage = "none";
  tile.box.classList.toggle("blank", !shown && !loading);
  tile.box.classList.toggle("unknown", !none && !shown && !loading);
  tile.box.classList.toggle("loading", loading);
}

// Shows the tile of a row in `picture`, within a square of `side` pixels and in its own proportions. Exact tiles are
// enlarged by whole numbers, so they keep their relative sizes; reduced ones fill the square. Returns whether the tile is
// on the sheet; if not, nothing is shown.
export function crop(picture, { table, cell, columns, exact }, row, sheet, side) {
  const tile = table.tile[row], width = table.tile_width[row], height = table.tile_height[row];
  const scale = exact ? Math.max(1, Math.floor(side / cell)) : side / Math.max(width, height);
  const x = (tile % columns) * cell, y = Math.floor(tile / columns) * cell;
  if (!(tile >= 0 && width > 0 && height > 0 && width <= cell && height <= cell && y + height <= sheet.height)) return false;
  Object.assign(picture.style, {
    width: `${width * scale}px`,
    height: `${height * scale}px`,
    backgroundImage: `url("${sheet.url}")`,
    backgroundSize: `${sheet.width * scale}px ${sheet.height * scale}px`,
    backgroundPosition: `${-x * scale}px ${-y * scale}px`,
  });
  return true;
}
