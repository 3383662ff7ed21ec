// Sheets as decoded pictures: requested when one of their tiles is near, a few at a time, nearest first.

const CONCURRENT = 4;
const KEEP = 160; // beside those that are near: sorted by confidence, one screen of tiles may need as many sheets

export class Sheets {
  // url(number); onReady(number) is called when a sheet is decoded or known to be missing
  constructor(url, onReady) {
    this.url = url;
    this.onReady = onReady;
    this.known = new Map(); // number -> {state: "loading" | "ready" | "missing", url, width, height}
    this.queue = [];
    this.near = new Set();
    this.loading = 0;
  }

  // A sheet that is decoded or missing, undefined until then.
  get(number) {
    const sheet = this.known.get(number);
    if (sheet) { // the least recently used one is dropped first
      this.known.delete(number);
      this.known.set(number, sheet);
    }
    return sheet?.state === "loading" ? undefined : sheet;
  }

  // Requests these sheets, the most important first; earlier requests that have not begun are dropped.
  request(numbers) {
    this.near = new Set(numbers);
    this.queue = numbers.filter((number) => !this.known.has(number));
    this.next();
  }

  // Requests one sheet before all others.
  requestFirst(number) {
    if (this.known.has(number)) return;
    this.queue = [number, ...this.queue.filter((other) => other !== number)];
    this.next();
  }

  // Drops sheets whose URL has changed: of another run, or rewritten since.
  invalidate() {
    for (const [number, { url }] of this.known) if (url !== this.url(number)) this.known.delete(number);
    this.queue = [];
  }

  missing() {
    return [...this.known].filter(([, sheet]) => sheet.state === "missing").map(([number]) => number);
  }

  next() {
    while (this.loading < CONCURRENT && this.queue.length) this.load(this.queue.shift());
  }

  async load(number) {
    const url = this.url(number), picture = new Image();
    const sheet = { state: "loading", url, picture };
    this.known.set(number, sheet);
    this.loading++;
    picture.src = url;
    try {
      await picture.decode();
      Object.assign(sheet, { state: "ready", width: picture.naturalWidth, height: picture.naturalHeight });
    } catch {
      sheet.state = "missing";
    }
    this.loading--;
    this.trim();
    if (this.known.get(number) === sheet) this.onReady(number);
    this.next();
  }

  trim() {
    for (const [number, { state }] of this.known) {
      if (this.known.size <= KEEP) break;
      if (state === "ready" && !this.near.has(number)) this.known.delete(number);
    }
  }
}
