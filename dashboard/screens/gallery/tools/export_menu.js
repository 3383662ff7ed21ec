// The menu of exports of the images that are shown.

import { element } from "../../../browser/dom.js";
import { FILTERS, queryString } from "../../../browser/link.js";

const KINDS = [["csv", "CSV", "rows"], ["parquet", "Parquet", "rows"], ["zip", "Zip of pictures", "a folder per class"]];

export class ExportMenu {
  constructor() {
    this.links = KINDS.map(([kind, title, content]) => element("a", {
      class: "option", role: "menuitem", download: true, "data-kind": kind,
    }, element("span", { text: title }), element("i", { text: content })));
    this.panel = element("div", { class: "panel right", role: "menu", hidden: true }, ...this.links);
    this.button = element("button", {
      class: "field", type: "button", "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => this.toggle(this.panel.hidden),
    }, element("span", { text: "Export" }), element("span", { class: "arrow", "aria-hidden": "true" }));
    this.element = element("div", { class: "choice" }, this.button, this.panel);
    this.element.addEventListener("focusout", (event) => { if (!this.element.contains(event.relatedTarget)) this.toggle(false); });
    this.element.addEventListener("keydown", (event) => { if (event.key === "Escape") { this.toggle(false); this.button.focus(); } });
    this.panel.addEventListener("click", () => this.toggle(false));
  }

  toggle(open) {
    this.panel.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
  }

  // url(kind)
  update(url) {
    for (const link of this.links) link.href = url(link.dataset.kind);
  }
}

// The URL of an export of what a view shows at `epoch` (from 0). base: of the run and split
export function exportUrl(base, kind, epoch, view) {
  const filters = Object.fromEntries(FILTERS.map((name) => [name, view[name]]));
  return new URL(`${base}/export.${kind}?${queryString({ epoch, ...filters })}`, document.baseURI).href;
}
