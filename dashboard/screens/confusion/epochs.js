// Goes to another epoch without the page: its matrix is fetched, and ahead that of the epoch that will probably come next.

import { Responses, fetchJson } from "../../browser/fetch.js";
import { announceShown, handleEpochs } from "../../browser/epoch_events.js";

const KEEP = 60; // matrices

export class Epochs {
  constructor(s) {
    this.s = s;
    this.responses = new Responses(KEEP);
    this.turn = 0; // of the latest request; the response to an earlier one is ignored
    this.problem = "";
    this.close = handleEpochs({
      subject: () => s.data?.subject, go: (request) => this.go(request), shown: () => ({ epoch: s.model.epoch, pinned: this.pinned }),
    });
  }

  // The epoch of the view; null follows the latest.
  get pinned() {
    const { fields } = this.s.state;
    return "epoch" in fields ? fields.epoch : this.s.data.pinned;
  }

  async go({ epoch, passing, ahead }) {
    const { s } = this, turn = ++this.turn;
    s.state.change({ epoch }, { passing });
    try {
      const matrix = await this.fetch(epoch ?? s.data.play.epochs.at(-1));
      if (turn !== this.turn) return;
      this.problem = "";
      s.show(matrix);
    } catch (problem) {
      if (turn !== this.turn) return;
      this.problem = problem.message;
      s.redraw();
    }
    if (ahead !== null) this.fetch(ahead).catch(() => {}); // reported when it is requested
  }

  fetch(epoch) {
    const url = new URL(this.s.data.play.url.replace("{epoch}", epoch), document.baseURI).href;
    return this.responses.get(url, fetchJson);
  }

  // The page has decided what is shown.
  reset() {
    this.turn++;
    this.problem = "";
  }

  announce() { announceShown(this.s.data.subject, this.s.model.epoch, this.pinned); }
}
