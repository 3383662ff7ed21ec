// The tooltip beside the tile under the pointer.

import { element } from "../../../browser/dom.js";

export class Tip {
  constructor() {
    this.element = element("div", { class: "tip", role: "tooltip", hidden: true });
  }

  // lines: [{text, kind}]; no tile hides it.
  show(tile, lines) {
    if (!tile) { this.element.hidden = true; return; }
    this.element.replaceChildren(...lines.map(({ text, kind }) => element("div", { class: kind, text })));
    this.element.hidden = false;
    const at = tile.getBoundingClientRect(), box = this.element.getBoundingClientRect();
    const left = Math.min(at.left, window.innerWidth - box.width - 8);
    const below = at.bottom + 6 + box.height < window.innerHeight;
    this.element.style.left = `${Math.max(8, left)}px`;
    this.element.style.top = `${below ? at.bottom + 4 : at.top - box.height - 4}px`;
  }
}
