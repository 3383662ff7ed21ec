// What the server knows of the opened sample: asked for when it opens, and for the next one ahead.

import { readJson } from "./columns.js";

const SAME_AFTER = 200; // milliseconds that an image is looked at before its twins are searched

export class Details {
  // host: address(index), same(index) -> addresses; next() -> index or null; came(details), failed(message), twins(places), noTwins(message)
  constructor(host) {
    this.host = host;
    this.of = null;
    this.known = null;
  }

  // The details of a sample, when they have come; null closes.
  want(index) {
    const address = index === null ? null : this.host.address(index);
    if (this.of === address) return;
    this.of = address;
    if (address !== null) this.fetch(address, index);
  }

  async fetch(address, index) {
    try {
      const found = await readJson(address);
      if (this.of !== address) return;
      this.known = found;
      this.host.came(found);
      this.ahead();
      this.sameSoon(address, index);
    } catch (error) {
      if (this.of === address) { this.of = null; this.host.failed(error.message); }
    }
  }

  // The image that the next arrow key leads to, so that walking does not wait.
  ahead() {
    const next = this.host.next();
    if (next !== null) readJson(this.host.address(next)).catch(() => {}); // told when it is opened
  }

  // The same pixels elsewhere: asks every run, so only for an image that is looked at for a moment.
  sameSoon(address, index) {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      try {
        const places = await readJson(this.host.same(index), new AbortController().signal);
        if (this.of === address) this.host.twins(places);
      } catch (error) {
        if (this.of === address) this.host.noTwins(error.message);
      }
    }, SAME_AFTER);
  }

  close() { clearTimeout(this.timer); }
}
