// What stands in place of the tiles when their columns could not be loaded.

import { element } from "../../../browser/dom.js";
import { rerunPage } from "../../../browser/navigation.js";

const STALE_FOR = 5000; // milliseconds that the page may take to send what replaced the files of its data

export class Failure {
  // root: of the gallery; grid: the element with the tiles
  constructor(root, grid) {
    Object.assign(this, { root, grid });
    this.element = element("div", { class: "message", hidden: true });
  }

  // The columns of `request` could not be loaded. Where the files were replaced meanwhile, the page sends others.
  onRequest(request, error, retry) {
    if (error.stale && this.staleFor !== request.outcomes) {
      this.staleFor = request.outcomes;
      rerunPage();
      this.staleTimer = setTimeout(() => this.onRequest(request, error, retry), STALE_FOR);
      return;
    }
    this.grid.hidden = true; // its tiles are of another epoch
    this.root.classList.add("failed");
    this.show(error, retry);
  }

  show(error, retry) {
    this.element.hidden = false;
    this.element.replaceChildren(element("p", { text: `The images could not be loaded: ${error.message}` }),
      element("button", { class: "field", type: "button", text: "Try again", onclick: retry }));
  }

  // The columns have been loaded.
  clear() {
    clearTimeout(this.staleTimer);
    this.element.hidden = true;
    this.grid.hidden = false;
    this.root.classList.remove("failed");
  }

  close() { clearTimeout(this.staleTimer); }
}
