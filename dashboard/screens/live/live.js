// Hears from the server what changed and has the page draw again what shows it. Nothing of this is seen.
//
// `data.topics` holds the version of each followed topic that the page was drawn from. Whatever the socket says is
// compared with that: so nothing is missed while a connection is made or broken, and nothing is drawn twice.

const FIRST_RETRY = 500, LAST_RETRY = 30_000; // milliseconds
const REST = 600; // between two drawings, at least
const SPREAD = 25, MOST_SPREAD = 500; // per open page: they shall not all ask at the same instant
const PATIENCE = 15_000; // for a drawing that was asked for, the first time

const followers = new WeakMap();

export function mount({ data, parentElement, setTriggerValue }) {
  let follower = followers.get(parentElement);
  if (!follower) followers.set(parentElement, (follower = new Follower()));
  follower.receive(data, setTriggerValue);
  return () => { followers.delete(parentElement); follower.close(); };
}

class Follower {
  constructor() {
    this.now = {};
    this.asked = {}; // topic -> the version that a drawing was asked for
    this.open = 1;
    this.retry = FIRST_RETRY;
    this.patience = PATIENCE;
    this.drawnAt = -Infinity;
    this.pressed = false;
    this.listening = new AbortController();
    const on = (target, names, heard) => names.forEach((name) => target.addEventListener(name, heard, { signal: this.listening.signal, capture: true, passive: true }));
    on(window, ["pointerdown"], () => { this.pressed = true; });
    on(window, ["pointerup", "pointercancel", "blur"], () => { this.pressed = false; this.compare(); });
    on(document, ["visibilitychange"], () => this.compare());
    on(window, ["online"], () => { if (!this.socket) this.connect(); });
  }

  receive({ topics, rest }, setTriggerValue) {
    const followed = Object.keys(topics).join("\n");
    if (JSON.stringify(topics) !== JSON.stringify(this.topics)) this.patience = PATIENCE;
    this.topics = topics;
    this.rest = Math.max(REST, rest);
    this.setTriggerValue = setTriggerValue;
    if (!this.socket && !this.waiting) this.connect();
    else if (followed !== this.followed) { this.now = {}; this.follow(); }
    this.followed = followed;
    this.compare();
  }

  connect() {
    clearTimeout(this.waiting);
    const address = new URL("data/live", document.baseURI);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = (this.socket = new WebSocket(address));
    socket.onopen = () => { this.retry = FIRST_RETRY; this.follow(); };
    socket.onmessage = ({ data }) => {
      const { versions, open } = JSON.parse(data);
      Object.assign(this.now, versions);
      this.open = open;
      this.compare();
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.waiting = setTimeout(() => { this.waiting = 0; this.connect(); }, this.retry + Math.random() * MOST_SPREAD);
      this.retry = Math.min(LAST_RETRY, this.retry * 2);
    };
  }

  follow() {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ topics: Object.keys(this.topics) }));
  }

  news() {
    return Object.keys(this.topics).filter((topic) => topic in this.now && this.now[topic] !== this.topics[topic] && this.now[topic] !== this.asked[topic]);
  }

  // Not while a button is held (a slider, a selection, a scroll bar) and not for a page that nobody sees.
  compare() {
    if (this.timer || this.pressed || document.hidden || !this.news().length) return;
    const spread = Math.random() * Math.min(MOST_SPREAD, SPREAD * (this.open - 1));
    const rested = this.drawnAt + this.rest - performance.now();
    this.timer = setTimeout(() => { this.timer = 0; this.ask(); }, Math.max(spread, rested, 0));
  }

  ask() {
    const news = this.news();
    if (this.pressed || document.hidden || !news.length) return;
    for (const topic of news) this.asked[topic] = this.now[topic];
    this.drawnAt = performance.now();
    clearTimeout(this.again);
    this.again = setTimeout(() => { this.asked = {}; this.compare(); }, this.patience);
    this.patience *= 2;
    this.setTriggerValue("news", { topics: news, at: Date.now() }); // The same again would not be heard.
  }

  close() {
    this.listening.abort();
    [this.timer, this.waiting, this.again].forEach(clearTimeout);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }
}
