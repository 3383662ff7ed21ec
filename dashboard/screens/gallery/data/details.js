// What the server knows of the opened sample: fetched when it opens, and ahead for the next one.

import { fetchJson } from "../../../browser/fetch.js";
import { readJson } from "./columns.js";

const SEARCH_COPIES_AFTER = 200; // milliseconds on an image before other runs are searched for it

export class Details {
  // host: detailsUrl(index), copiesUrl(index); next() -> index or null; onDetails(details), onFailure(message),
  // onCopies(places), onCopiesFailure(message)
  constructor(host) {
    this.host = host;
    this.url = null;
    this.latest = null;
  }

  // Loads the details of a sample; null stops.
  request(index) {
    const url = index === null ? null : this.host.detailsUrl(index);
    if (this.url === url) return;
    this.url = url;
    if (url !== null) this.fetch(url, index);
  }

  async fetch(url, index) {
    try {
      const details = await readJson(url);
      if (this.url !== url) return;
      this.latest = details;
      this.host.onDetails(details);
      this.prefetch();
      this.searchCopies(url, index);
    } catch (error) {
      if (this.url === url) { this.url = null; this.host.onFailure(error.message); }
    }
  }

  // The image that the next arrow key leads to.
  prefetch() {
    const next = this.host.next();
    if (next !== null) readJson(this.host.detailsUrl(next)).catch(() => {}); // reported when it is opened
  }

  // The same pixels elsewhere. The server asks every run, so only for an image that stays open for a moment.
  searchCopies(url, index) {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      try {
        const places = await fetchJson(this.host.copiesUrl(index));
        if (this.url === url) this.host.onCopies(places);
      } catch (error) {
        if (this.url === url) this.host.onCopiesFailure(error.message);
      }
    }, SEARCH_COPIES_AFTER);
  }

  close() { clearTimeout(this.timer); }
}
