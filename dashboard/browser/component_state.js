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
const RESEND_AFTER = 5000, MAX_RESEND_AFTER = 60_000; // milliseconds without an acknowledgement, at first and at most

const states = new Set(); // of all components on the page

export class ComponentState {
  constructor({ sendAfter = SEND_AFTER, session = newSession() } = {}) {
    this.session = session;
    this.sequence = 0;
    this.sent = 0; // the sequence number of the last update
    this.pending = {}; // field -> {value, sequence}, not acknowledged
    this.resendAfter = RESEND_AFTER;
    this.sendSoon = debounce(sendAfter, () => this.send());
    states.add(this);
  }

  // Data from the page have come. update(message) sends one.
  receive({ subject, ack }, update) {
    if (this.subject !== undefined && this.subject !== subject) this.reset(); // the changes were about other samples
    this.subject = subject;
    this.update = update;
    const acknowledged = ack?.session === this.session ? ack.sequence : 0;
    for (const [name, { sequence }] of Object.entries(this.pending)) if (sequence <= acknowledged) delete this.pending[name];
    if (this.isSettled) this.stopResending();
    else if (this.sent && ack?.session !== this.session) this.resend(); // a server that restarted knows nothing of it
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
    clearTimeout(this.resendTimer);
    if (!this.isSettled) this.resendTimer = setTimeout(() => this.resendMoreRarely(), this.resendAfter);
    this.update({ session: this.session, sequence: this.sequence, fields: encode(fields) });
  }

  // Under a new number: Streamlit runs no callback for a state that is equal to the last one.
  resend() {
    this.sequence++;
    this.sendSoon();
  }

  resendMoreRarely() {
    this.resendAfter = Math.min(MAX_RESEND_AFTER, 2 * this.resendAfter);
    this.resend();
  }

  stopResending() {
    clearTimeout(this.resendTimer);
    this.resendAfter = RESEND_AFTER;
  }

  // No acknowledgement that is on its way settles the changes that are pending now.
  renumber() {
    this.sequence++;
    for (const change of Object.values(this.pending)) change.sequence = this.sequence;
  }

  reset() {
    this.sendSoon.cancel();
    this.stopResending();
    this.pending = {};
  }

  close() {
    this.reset();
    states.delete(this);
  }
}

// To be called before the page is run at the URL that the browser has. An update that was applied just now is not in that
// URL yet, so the run undoes it on the server, whatever acknowledgement is on its way.
export function expectRerun() {
  for (const state of states) state.renumber();
}

// The server has a new session, which knows of no update: sends what is pending.
export function resendAll() {
  for (const state of states) if (!state.isSettled && state.update) state.resend();
}

const newSession = () => `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
