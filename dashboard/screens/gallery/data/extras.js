// Columns that only some views need: where the samples came from (for a search), how often they were forgotten (for an
// order). Both are loaded when a view first needs them.

import { alignForgotten, readColumns, readJson } from "./columns.js";
import { search } from "./filter.js";

export class Extras {
  // host: url(path, query), data() (from the page), view(), shown() -> {table, epoch}, redraw(), fail(error, retry)
  constructor(host) { this.host = host; }

  // The tiles of another run or split, or rewritten ones, are shown.
  reset() { this.sources = null; }

  // The rows of the table that match the text; by their index alone until the sources are loaded. null without a text.
  matches(table, text) {
    if (!text.trim()) return null;
    if (!this.sources) this.loadSources();
    return search(table, text, this.sources);
  }

  loadSources() {
    const { host } = this, url = host.url("sources", { v: host.data().tiles });
    readJson(url).then((sources) => {
      if (url !== host.url("sources", { v: host.data().tiles })) return;
      this.sources = sources;
      host.redraw();
    }, (error) => host.fail(error, () => host.redraw()));
  }

  // Adds the column `forgotten` to the table of an epoch; it depends on every earlier epoch.
  async loadForgotten() {
    const { host } = this, { table, epoch } = host.shown();
    if (this.forgottenFor === table) return;
    this.forgottenFor = table;
    const isCurrent = () => table === host.shown().table, isNeeded = () => host.view().sort === "forgotten";
    try {
      const counted = await readColumns(host.url(`epochs/${epoch}/forgotten`, { details: host.data().details }));
      if (!isCurrent() || counted.rows < table.rows) return;
      table.forgotten = alignForgotten(table, counted);
      if (isNeeded()) host.redraw();
    } catch (error) {
      if (!isCurrent()) return;
      this.forgottenFor = null;
      if (isNeeded()) host.fail(error, () => this.loadForgotten());
    }
  }
}
