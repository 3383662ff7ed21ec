// The scrolling grid of tiles: only those near the visible part are in the page, and their elements are reused.

import { element } from "../../../browser/dom.js";
import { count } from "../../../browser/format.js";
import { Layout } from "./layout.js";
import { createTile, fillTile, paintTile } from "./tile.js";

const CAPTION_FROM = 56; // pixels; smaller tiles have no room for words
const CAPTION = 32;
const NEAR = 300; // pixels above and below the visible part that are drawn as well

export class Grid {
  // actions: open(position), move(position), hover(position or null, tile), describe(row), pick(position, range),
  // pickAll(), unpick(), isPicked(row), isTagged(row)
  constructor(actions) {
    this.actions = actions;
    this.covered = 0; // pixels at the bottom that lie under the bar of the selection
    this.canvas = element("div", { class: "canvas" });
    this.view = element("div", {
      class: "scroll", tabindex: 0, role: "listbox", "aria-label": "Images", "aria-multiselectable": "true",
    }, this.canvas);
    this.tiles = new Map(); // position -> element
    this.free = [];
    this.headings = new Map(); // group -> element
    this.cursor = -1;
    this.version = 0;
    this.layout = new Layout([], { size: 64, caption: 0, width: 100 });
    this.listen();
  }

  listen() {
    this.view.addEventListener("scroll", () => this.drawSoon(), { passive: true });
    this.view.addEventListener("click", (event) => {
      const tile = event.target.closest(".tile");
      if (!tile) return;
      const picks = event.shiftKey || event.ctrlKey || event.metaKey || event.target === tile.check;
      if (picks) this.actions.pick(tile.position, event.shiftKey);
      else this.actions.open(tile.position);
    });
    this.view.addEventListener("pointerover", (event) => {
      const tile = event.target.closest(".tile");
      this.actions.hover(tile ? tile.position : null, tile);
    });
    this.view.addEventListener("pointerleave", () => this.actions.hover(null, null));
    this.view.addEventListener("keydown", (event) => this.key(event));
    this.observer = new ResizeObserver(() => { if (this.view.clientWidth !== this.width) this.arrange(); });
    this.observer.observe(this.view);
  }

  // state: {table (joined columns), groups ([{key, rows}]), by, sameLabel, size, sheets, cell, columns, exact,
  // className(kind, k)}
  show(state, { keepScroll }) {
    this.state = state;
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

  drawSoon() {
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
      if (!tile) this.tiles.set(position, (tile = this.free.pop() || this.add()));
      if (tile.version !== this.version || tile.position !== position) this.fill(tile, position);
    }
    for (const tile of this.free) {
      if (tile.position !== -1) Object.assign(tile, { hidden: true, position: -1, sheet: null });
    }
    this.drawHeadings(near.groups);
    this.requestSheets(near, this.layout.between(top, bottom));
  }

  add() {
    const tile = createTile();
    this.canvas.append(tile);
    return tile;
  }

  fill(tile, position) {
    const row = this.layout.row(position);
    tile.version = this.version;
    fillTile(tile, { state: this.state, row, position, place: this.layout.place(position), description: this.actions.describe(row) });
    tile.classList.toggle("cursor", position === this.cursor);
    this.mark(tile);
  }

  mark(tile) {
    const picked = this.actions.isPicked(tile.row);
    tile.classList.toggle("picked", picked);
    tile.setAttribute("aria-selected", picked);
    tile.flag.hidden = !this.actions.isTagged(tile.row);
  }

  // The selection changed; `covered` pixels at the bottom now lie under its bar.
  showPicked(covered) {
    this.covered = covered;
    this.view.style.setProperty("--covered", `${covered}px`);
    for (const tile of this.tiles.values()) this.mark(tile);
  }

  drawHeadings(groups) {
    for (const [group, heading] of this.headings) {
      if (groups.includes(group)) continue;
      heading.remove();
      this.headings.delete(group);
    }
    for (const group of groups) {
      let heading = this.headings.get(group);
      if (!heading) {
        this.headings.set(group, (heading = element("div", { class: "group" }, element("b"), element("span"))));
        this.canvas.append(heading);
      }
      const { key, rows } = this.layout.groups[group];
      heading.style.transform = `translateY(${this.layout.tops[group]}px)`;
      heading.firstChild.textContent = this.state.className(this.state.by, key);
      heading.lastChild.textContent = count(rows.length);
    }
  }

  // Sheets of visible tiles first.
  requestSheets(near, visible) {
    const { table, sheets } = this.state, wanted = new Set();
    const add = (from, to) => {
      for (let position = from; position < to; position++) {
        const sheet = table.sheet[this.layout.row(position)];
        if (sheet !== table.nulls.sheet) wanted.add(sheet);
      }
    };
    add(visible.first, visible.end);
    add(near.first, near.end);
    sheets.request([...wanted]);
  }

  onSheet(number) {
    for (const tile of this.tiles.values()) if (tile.sheet === number) paintTile(tile, this.state);
  }

  setCursor(position, { reveal = false } = {}) {
    for (const at of [this.cursor, position]) this.tiles.get(at)?.classList.toggle("cursor", at === position);
    this.cursor = position;
    if (position < 0) { this.view.removeAttribute("aria-activedescendant"); return; }
    if (reveal) this.reveal(position);
    this.view.setAttribute("aria-activedescendant", `tile-${position}`);
  }

  reveal(position) {
    const { y } = this.layout.place(position), { scrollTop } = this.view, height = this.view.clientHeight - this.covered;
    const above = y - 8 - (position < this.layout.columns ? this.layout.header : 0);
    if (above < scrollTop) this.view.scrollTop = above;
    else if (y + this.layout.down > scrollTop + height) this.view.scrollTop = y + this.layout.down - height;
    this.draw();
  }

  key(event) {
    const control = event.ctrlKey || event.metaKey;
    if (control && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "a") {
      event.preventDefault();
      this.actions.pickAll();
    }
    if (event.altKey || control || !this.layout.count) return;
    const at = this.cursor, target = this.target(event.key);
    if (event.key === "Enter" && at >= 0) this.actions.open(at);
    else if (event.key === " " && at >= 0) this.actions.pick(at, event.shiftKey);
    else if (event.key === "Escape") this.actions.unpick();
    else if (target !== null) this.actions.move(target);
    else return;
    event.preventDefault();
  }

  // The position that a key leads to, or null.
  target(key) {
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
    if (!moves[key]) return null;
    return at < 0 && key !== "End" ? 0 : moves[key]();
  }

  close() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
  }
}
