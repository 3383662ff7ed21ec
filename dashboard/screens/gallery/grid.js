// The scroll of tiles: only what is near the visible part is in the page, and elements are used again.

import { make, confidence, count } from "./dom.js";
import { Layout } from "./layout.js";
import { VERDICTS } from "./filter.js";

const CAPTION_FROM = 56; // smaller tiles have no room for words
const ONE_LINE_FROM = 112; // smaller ones have the label above the prediction
const CAPTION = 32;
const NEAR = 300; // pixels above and below that are drawn ahead
export const SIGNS = { correct: "✓", wrong: "✕", unlabelled: "–", invalid: "⚠" };

export class Grid {
  constructor(actions) {
    // open(position), move(position), hover(position or null, tile), describe(row), pick(position, range), pickAll(), unpick(),
    // isPicked(row), isTagged(row)
    this.actions = actions;
    this.foot = 0; // pixels at the bottom that something lies over
    this.canvas = make("div", { class: "canvas" });
    this.view = make("div", {
      class: "scroll", tabindex: 0, role: "listbox", "aria-label": "Images", "aria-multiselectable": "true",
    }, this.canvas);
    this.tiles = new Map(); // position -> element
    this.free = [];
    this.headers = new Map(); // group -> element
    this.cursor = -1;
    this.layout = new Layout([], { size: 64, caption: 0, width: 100 });
    this.listen();
  }

  listen() {
    this.view.addEventListener("scroll", () => this.soon(), { passive: true });
    this.view.addEventListener("click", (event) => {
      const tile = event.target.closest(".tile");
      if (!tile) return;
      const position = Number(tile.dataset.position);
      if (event.shiftKey || event.ctrlKey || event.metaKey || event.target === tile.check) this.actions.pick(position, event.shiftKey);
      else this.actions.open(position);
    });
    this.view.addEventListener("pointerover", (event) => {
      const tile = event.target.closest(".tile");
      this.actions.hover(tile ? Number(tile.dataset.position) : null, tile);
    });
    this.view.addEventListener("pointerleave", () => this.actions.hover(null, null));
    this.view.addEventListener("keydown", (event) => this.key(event));
    this.observer = new ResizeObserver(() => { if (this.view.clientWidth !== this.width) this.arrange(); });
    this.observer.observe(this.view);
  }

  // table: joined columns; groups: [{key, rows}]; size; scale and exact: see `picture`; name(k), names of groups.
  show(state, { keepScroll }) {
    this.state = state;
    this.version = (this.version || 0) + 1;
    if (!keepScroll) this.view.scrollTop = 0;
    this.arrange();
  }

  arrange() {
    if (!this.state) return;
    const anchor = this.layout.count ? this.layout.between(this.view.scrollTop, this.view.scrollTop).first : 0;
    const resized = this.state.size !== this.size || this.view.clientWidth !== this.width;
    this.size = this.state.size;
    this.width = this.view.clientWidth;
    const caption = this.size >= CAPTION_FROM ? CAPTION : 0;
    this.layout = new Layout(this.state.groups, { size: this.size, caption, width: this.width });
    this.canvas.style.height = `${this.layout.height}px`;
    this.view.classList.toggle("captions", caption > 0);
    this.view.classList.toggle("smooth", !this.state.exact);
    this.view.style.setProperty("--tile", `${this.size}px`);
    if (resized && anchor > 0 && anchor < this.layout.count) this.view.scrollTop = this.layout.place(anchor).y - 8;
    this.version++;
    this.draw();
  }

  soon() {
    if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = 0; this.draw(); });
  }

  draw() {
    if (!this.state) return;
    const top = this.view.scrollTop, bottom = top + this.view.clientHeight;
    const near = this.layout.between(top - NEAR, bottom + NEAR);
    for (const [position, tile] of this.tiles) {
      if (position >= near.first && position < near.end) continue;
      this.tiles.delete(position);
      this.free.push(tile);
    }
    for (let position = near.first; position < near.end; position++) {
      let tile = this.tiles.get(position);
      if (!tile) this.tiles.set(position, (tile = this.free.pop() || this.made()));
      if (tile.version !== this.version || tile.position !== position) this.fill(tile, position);
    }
    for (const tile of this.free) {
      if (tile.position !== -1) { tile.hidden = true; tile.position = -1; tile.sheet = null; }
    }
    this.drawHeaders(near.groups);
    this.wantSheets(near, this.layout.between(top, bottom));
  }

  made() {
    const tile = make("button", { class: "tile", type: "button", role: "option", tabindex: -1 });
    tile.box = make("span", { class: "box" });
    tile.picture = make("span", { class: "picture" });
    tile.sign = make("span", { class: "sign", "aria-hidden": "true" });
    tile.from = make("span", { class: "from" });
    tile.turn = make("span", { class: "turn" });
    tile.to = make("span", { class: "to" });
    tile.words = make("span", { class: "words" }, tile.from, tile.turn, tile.to);
    tile.sure = make("span", { class: "sure" });
    tile.check = make("span", { class: "check", "aria-hidden": "true", title: "Select", text: "✓" });
    tile.flag = make("span", { class: "flag", "aria-hidden": "true" });
    tile.box.append(tile.picture, tile.sign, tile.flag, tile.check);
    tile.append(tile.box, make("span", { class: "caption" }, tile.words, tile.sure));
    this.canvas.append(tile);
    return tile;
  }

  fill(tile, position) {
    const { table, name } = this.state;
    const row = this.layout.row(position), { x, y } = this.layout.place(position);
    const verdict = VERDICTS[table.verdict[row]] || "unlabelled";
    Object.assign(tile, { version: this.version, position, row, hidden: false });
    tile.dataset.position = position;
    tile.dataset.index = table.index[row];
    tile.id = `tile-${position}`;
    tile.className = `tile ${verdict}`;
    tile.style.transform = `translate(${x}px, ${y}px)`;
    tile.classList.toggle("cursor", position === this.cursor);
    this.mark(tile);
    tile.setAttribute("aria-label", this.actions.describe(row));
    tile.sign.textContent = SIGNS[verdict];
    const turned = verdict === "wrong" || (verdict === "invalid" && table.label[row] !== table.nulls.label);
    const from = turned && !this.state.sameLabel ? name("label", table.label[row]) : "";
    const stacked = from !== "" && this.size < ONE_LINE_FROM, to = name("predicted", table.predicted[row]);
    tile.classList.toggle("stacked", stacked);
    tile.from.textContent = from;
    tile.turn.textContent = turned && !stacked ? "→" : "";
    tile.to.textContent = stacked ? `→ ${to}` : to;
    tile.sure.textContent = `${stacked ? "" : SIGNS[verdict]} ${confidence(table.confidence[row])}`;
    this.paint(tile);
  }

  mark(tile) {
    const picked = this.actions.isPicked(tile.row);
    tile.classList.toggle("picked", picked);
    tile.setAttribute("aria-selected", picked);
    tile.flag.hidden = !this.actions.isTagged(tile.row);
  }

  // The selection changed; `foot` pixels at the bottom lie under something now.
  showPicked(foot) {
    this.foot = foot;
    this.view.style.setProperty("--foot", `${foot}px`);
    for (const tile of this.tiles.values()) this.mark(tile);
  }

  // The picture of a tile; a neutral box while its sheet is on its way, a sign when there are no pixels.
  paint(tile) {
    const { table, sheets } = this.state;
    const number = table.sheet[tile.row], none = number === table.nulls.sheet;
    const sheet = none ? null : sheets.get(number);
    tile.sheet = none ? null : number;
    const blank = none || sheet?.state === "missing";
    tile.box.classList.toggle("blank", blank);
    tile.box.classList.toggle("coming", !blank && !sheet);
    if (blank || !sheet) { tile.picture.style.backgroundImage = "none"; return; }
    crop(tile.picture, this.state, tile.row, sheet, this.size);
  }

  drawHeaders(groups) {
    for (const [group, element] of this.headers) {
      if (groups.includes(group)) continue;
      element.remove();
      this.headers.delete(group);
    }
    for (const group of groups) {
      let element = this.headers.get(group);
      if (!element) {
        this.headers.set(group, (element = make("div", { class: "group" }, make("b"), make("span"))));
        this.canvas.append(element);
      }
      const { key, rows } = this.layout.groups[group];
      element.style.transform = `translateY(${this.layout.tops[group]}px)`;
      element.firstChild.textContent = this.state.name(this.state.by, key);
      element.lastChild.textContent = count(rows.length);
    }
  }

  wantSheets(near, visible) {
    const { table, sheets } = this.state, wanted = new Set();
    const add = (from, to) => {
      for (let position = from; position < to; position++) {
        const sheet = table.sheet[this.layout.row(position)];
        if (sheet !== table.nulls.sheet) wanted.add(sheet);
      }
    };
    add(visible.first, visible.end);
    add(near.first, near.end);
    sheets.want([...wanted]);
  }

  sheetCame(number) {
    for (const tile of this.tiles.values()) if (tile.sheet === number) this.paint(tile);
  }

  setCursor(position, { reveal = false } = {}) {
    for (const at of [this.cursor, position]) {
      this.tiles.get(at)?.classList.toggle("cursor", at === position);
    }
    this.cursor = position;
    if (position < 0) { this.view.removeAttribute("aria-activedescendant"); return; }
    if (reveal) this.reveal(position);
    this.view.setAttribute("aria-activedescendant", `tile-${position}`);
  }

  reveal(position) {
    const { y } = this.layout.place(position), { scrollTop } = this.view, clientHeight = this.view.clientHeight - this.foot;
    const above = y - 8 - (position < this.layout.columns ? this.layout.header : 0);
    if (above < scrollTop) this.view.scrollTop = above;
    else if (y + this.layout.down > scrollTop + clientHeight) this.view.scrollTop = y + this.layout.down - clientHeight;
    this.draw();
  }

  key(event) {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "a") {
      event.preventDefault();
      this.actions.pickAll();
    }
    if (event.altKey || event.ctrlKey || event.metaKey || !this.layout.count) return;
    const at = this.cursor, last = this.layout.count - 1;
    const lines = Math.max(1, Math.floor(this.view.clientHeight / this.layout.down));
    const jump = (direction) => {
      let to = at;
      for (let i = 0; i < lines; i++) to = this.layout.vertical(to, direction);
      return to;
    };
    const moves = {
      ArrowRight: () => Math.min(last, at + 1), ArrowLeft: () => Math.max(0, at - 1),
      ArrowDown: () => this.layout.vertical(at, 1), ArrowUp: () => this.layout.vertical(at, -1),
      PageDown: () => jump(1), PageUp: () => jump(-1), Home: () => 0, End: () => last,
    };
    if (event.key === "Enter" && at >= 0) this.actions.open(at);
    else if (event.key === " " && at >= 0) this.actions.pick(at, event.shiftKey);
    else if (event.key === "Escape") this.actions.unpick();
    else if (moves[event.key]) this.actions.move(at < 0 && event.key !== "End" ? 0 : moves[event.key]());
    else return;
    event.preventDefault();
  }

  close() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
  }
}

// Shows one tile of a sheet in `element`, in a square of `side`. `exact` pictures keep their scale to each other and
// are enlarged by whole numbers; reduced ones fill the square. The shape is kept either way.
export function crop(element, { table, cell, columns, exact }, row, sheet, side) {
  const tile = table.tile[row], width = table.tile_width[row], height = table.tile_height[row];
  const scale = exact ? Math.max(1, Math.floor(side / cell)) : side / Math.max(width, height);
  const x = (tile % columns) * cell, y = Math.floor(tile / columns) * cell;
  const style = element.style;
  style.width = `${width * scale}px`;
  style.height = `${height * scale}px`;
  style.backgroundImage = `url("${sheet.url}")`;
  style.backgroundSize = `${sheet.width * scale}px ${sheet.height * scale}px`;
  style.backgroundPosition = `${-x * scale}px ${-y * scale}px`;
}
