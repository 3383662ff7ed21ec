// Listens to the server for changes and has the page redraw the parts that show them. It is invisible.
//
// `data.topics` holds the version of each followed topic that the page was drawn from. The versions that the server sends
// are compared with it, so nothing is missed while a connection is made or lost, and nothing is drawn twice.
//
// A server that was restarted ignores an open page until it has run it as a whole once. So after a lost connection this
// is requested; the page's data then name another session.

import { resendAll } from "../../browser/component_state.js";
import { rerunPage } from "../../browser/navigation.js";

const FIRST_RETRY = 500, LAST_RETRY = 30_000; // milliseconds
const MIN_INTERVAL = 600; // milliseconds between two redraws
const SPREAD = 25, MAX_SPREAD = 500; // milliseconds per open page, so that they do not all ask at the same instant
const FIRST_RERUN = 1000, MAX_RERUNS = 5; // milliseconds after a lost connection is back, doubling; how many are requested
const PATIENCE = 15_000; // milliseconds for a requested redraw, the first time

const followers = new WeakMap();

export function mount({ data, parentElement, setTriggerValue }) {
  let follower = followers.get(parentElement);
  if (!follower) followers.set(parentElement, (follower = new Follower()));
  follower.receive(data, setTriggerValue);
  return () => { followers.delete(parentElement); follower.close(); };
}

class Follower {
  constructor() {
    this.current = {}; // topic -> the version that the server has
    this.requested = {}; // topic -> the version that a redraw was requested for
    this.openPages = 1;
    this.retry = FIRST_RETRY;
    this.patience = PATIENCE;
    this.requestedAt = -Infinity;
    this.isPressed = false;
    this.listeners = new AbortController();
    const listen = (target, names, listener) => {
      for (const name of names) target.addEventListener(name, listener, { signal: this.listeners.signal, capture: true, passive: true });
    };
    listen(window, ["pointerdown"], () => { this.isPressed = true; });
    listen(window, ["pointerup", "pointercancel", "blur"], () => { this.isPressed = false; this.compare(); });
    listen(document, ["visibilitychange"], () => this.compare());
    listen(window, ["online"], () => { if (!this.socket) this.connect(); });
  }

  // session: of the server; rest: milliseconds between two redraws, at least
  receive({ session, topics, rest }, setTriggerValue) {
    if (this.session !== undefined && this.session !== session) this.onNewSession();
    this.session = session;
    const followed = Object.keys(topics).join("\n");
    if (JSON.stringify(topics) !== JSON.stringify(this.topics)) this.patience = PATIENCE;
    this.topics = topics;
    this.interval = Math.max(MIN_INTERVAL, rest);
    this.setTriggerValue = setTriggerValue;
    if (!this.socket && !this.retryTimer) this.connect();
    else if (followed !== this.followed) { this.current = {}; this.follow(); }
    this.followed = followed;
    this.compare();
  }

  connect() {
    clearTimeout(this.retryTimer);
    const url = new URL("data/live", document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = (this.socket = new WebSocket(url));
    socket.onopen = () => {
      this.retry = FIRST_RETRY;
      this.follow();
      if (this.wasLost) this.rerunSoon(FIRST_RERUN, MAX_RERUNS);
    };
    socket.onmessage = ({ data }) => {
      const { versions, open } = JSON.parse(data);
      Object.assign(this.current, versions);
      this.openPages = open;
      this.compare();
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.wasLost = true;
      this.retryTimer = setTimeout(() => { this.retryTimer = 0; this.connect(); }, this.retry + Math.random() * MAX_SPREAD);
      this.retry = Math.min(LAST_RETRY, this.retry * 2);
    };
  }

  follow() {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ topics: Object.keys(this.topics) }));
  }

  // Streamlit takes a while to connect again, and loses what is requested before.
  rerunSoon(delay, left) {
    clearTimeout(this.rerunTimer);
    if (!left) return;
    this.rerunTimer = setTimeout(() => { rerunPage(); this.rerunSoon(2 * delay, left - 1); }, delay);
  }

  onNewSession() {
    clearTimeout(this.rerunTimer);
    this.wasLost = false;
    this.requested = {};
    resendAll();
  }

  // The topics with another version than the page shows, for which no redraw is on its way.
  changed() {
    return Object.keys(this.topics).filter((topic) =>
      topic in this.current && this.current[topic] !== this.topics[topic] && this.current[topic] !== this.requested[topic]);
  }

  // Not while a button is held (a slider, a selection, a scroll bar), and not on a page in the background.
  get isBusy() { return this.isPressed || document.hidden; }

  compare() {
    if (this.redrawTimer || this.isBusy || !this.changed().length) return;
    const spread = Math.random() * Math.min(MAX_SPREAD, SPREAD * (this.openPages - 1));
    const rested = this.requestedAt + this.interval - performance.now();
    this.redrawTimer = setTimeout(() => { this.redrawTimer = 0; this.requestRedraw(); }, Math.max(spread, rested, 0));
  }

  requestRedraw() {
    const topics = this.changed();
    if (this.isBusy || !topics.length) return;
    for (const topic of topics) this.requested[topic] = this.current[topic];
    this.requestedAt = performance.now();
    clearTimeout(this.patienceTimer);
    this.patienceTimer = setTimeout(() => { this.requested = {}; this.compare(); }, this.patience);
    this.patience *= 2;
    this.setTriggerValue("changed", { topics, at: Date.now() }); // Streamlit ignores a value that is equal to the last one
  }

  close() {
    this.listeners.abort();
    for (const timer of [this.redrawTimer, this.retryTimer, this.patienceTimer, this.rerunTimer]) clearTimeout(timer);
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }
}
