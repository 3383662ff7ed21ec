// What a component changes in the view: sent to the page as numbered updates until the page acknowledges them.
//
// Each change gets the next sequence number and is sent together with all changes that are not acknowledged yet. The
// page's data carry the session and the highest sequence number that the page has applied. Changes above that number are
// newer than the data: a late response never undoes what was done meanwhile. A session id of our own tells an
// acknowledgement for us from one for a component that was on the page before. The other side is
// dashboard/view/component_state.py.

import { debounce } from "./debounce.js";
import { encode } from "./link.js";

const SEND_AFTER = 180; // milliseconds without another change

export class ComponentState {
  constructor({ sendAfter = SEND_AFTER, session = newSession() } = {}) {
    this.session = session;
    this.sequence = 0;
    this.sent = 0; // the sequence number of the last update
    this.pending = {}; // field -> {value, sequence}, not acknowledged
    this.sendSoon = debounce(sendAfter, () => this.send());
  }

  // Data from the page have come. update(message) sends one.
  receive({ subject, ack }, update) {
    if (this.subject !== undefined && this.subject !== subject) this.reset(); // the changes were about other samples
    this.subject = subject;
    this.update = update;
    const acknowledged = ack?.session === this.session ? ack.sequence : 0;
    for (const [name, { sequence }] of Object.entries(this.pending)) if (sequence <= acknowledged) delete this.pending[name];
    if (this.sent && ack?.session !== this.session && !this.isSettled) this.resend(); // a server that restarted knows none of it
  }

  // The changed fields that the page's data do not hold yet.
  get fields() { return Object.fromEntries(Object.entries(this.pending).map(([name, { value }]) => [name, value])); }

  get isSettled() { return Object.keys(this.pending).length === 0; }

  // Fields of the view that were changed here. passing: another change follows at once, send with that one.
  change(fields, { passing = false } = {}) {
    if (Object.keys(fields).length) this.sequence++;
    for (const [name, value] of Object.entries(fields)) this.pending[name] = { value, sequence: this.sequence };
    if (!passing && this.sequence > this.sent) this.sendSoon();
  }

  // Under a new number: Streamlit runs no callback for a state that is equal to the last one.
  resend() {
    this.sequence++;
    this.sendSoon();
  }

  send() {
    this.sendSoon.cancel();
    if (!this.isSettled) this.emit(this.fields);
  }

  // Leaves for another run or split: all pending changes are dropped, and these fields are sent at once.
  leave(fields) {
    this.reset();
    this.sequence++;
    this.emit(fields);
  }

  emit(fields) {
    this.sent = this.sequence;
    this.update({ session: this.session, sequence: this.sequence, fields: encode(fields) });
  }

  reset() {
    this.sendSoon.cancel();
    this.pending = {};
  }
}

const newSession = () => `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
