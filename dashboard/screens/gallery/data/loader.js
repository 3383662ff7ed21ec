// Loads the columns to show, one request at a time. Of the requests that come meanwhile only the last is loaded next, so
// that someone who drags through many epochs sees some of them on the way and ends at the one where they stop.

import { join, readColumns } from "./columns.js";

export class Loader {
  // host: loaded(request, tiles, table), failed(request, error), busy(boolean)
  constructor(host) {
    this.host = host;
    this.running = null;
    this.next = null;
  }

  // request: {base (run and split), tiles, outcomes (URLs), also (a promise to wait for), restart}
  load(request) {
    if (this.next?.restart) request.restart = true;
    this.next = request;
    if (this.running?.base !== request.base) this.run(); // what is loading is of another run or split
  }

  async run() {
    const turn = (this.turn = Symbol("turn"));
    this.host.busy(true);
    while (this.next) {
      const request = (this.running = this.next);
      this.next = null;
      try {
        const [tiles, outcomes] = await Promise.all([readColumns(request.tiles), readColumns(request.outcomes), request.also]);
        if (turn !== this.turn) return;
        this.host.loaded(request, tiles, join(tiles, outcomes));
      } catch (error) {
        if (turn !== this.turn) return;
        if (!this.next) this.host.failed(request, error);
      }
    }
    this.running = null;
    this.host.busy(false);
  }

  // Fetches what will probably be requested next.
  prefetch(url) {
    if (url && !this.next) readColumns(url).catch(() => {}); // reported when it is requested
  }

  close() {
    this.turn = this.next = this.running = null;
  }
}
