// Loads what is to be shown, one at a time; of the wishes that come meanwhile only the last is loaded next, so that a
// hand that passes through many epochs sees some of them on the way and ends at the one it stopped at.

import { join, readColumns } from "./columns.js";

export class Loader {
  // host: loaded(wish, tiles, table), failed(wish, error), busy(boolean)
  constructor(host) {
    this.host = host;
    this.running = null;
    this.next = null;
  }

  // wish: {of (what it belongs to), tiles, outcomes (addresses), also (a promise to wait for), restart}
  want(wish) {
    if (this.next?.restart) wish.restart = true;
    this.next = wish;
    if (this.running?.of !== wish.of) this.run(); // what is on its way for another run or split is of no use
  }

  async run() {
    const mine = (this.turn = Symbol("turn"));
    this.host.busy(true);
    while (this.next) {
      const wish = (this.running = this.next);
      this.next = null;
      try {
        const [tiles, outcomes] = await Promise.all([readColumns(wish.tiles), readColumns(wish.outcomes), wish.also]);
        if (mine !== this.turn) return;
        this.host.loaded(wish, tiles, join(tiles, outcomes));
      } catch (error) {
        if (mine !== this.turn) return;
        if (!this.next) this.host.failed(wish, error);
      }
    }
    this.running = null;
    this.host.busy(false);
  }

  // What will be asked for next, so that it need not be waited for then.
  ahead(address) {
    if (address && !this.next) readColumns(address).catch(() => {}); // said when it is asked for
  }

  close() {
    this.turn = this.next = this.running = null;
  }
}
