// Sheets as decoded pictures: requested when one of their tiles is near, a few at a time, nearest first. A sheet whose
// layout is not known, or that does not have it, is never cut up: a tile would show another sample's picture.

const CONCURRENT = 4;
const KEEP = 160; // beside those that are near: sorted by confidence, one screen of tiles may need as many sheets

const UNKNOWN = { state: "unknown" };

// Whether a picture of this size is a sheet of this layout.
export const fits = ({ cell, columns }, width, height) => width === cell * columns && height > 0 && height % cell === 0;

export class Sheets {
  // url(number); layout() -> {cell, columns, problem}; onReady(number): a sheet is decoded, or known to show nothing
  constructor({ url, layout, onReady }) {
    Object.assign(this, { url, layout, onReady });
    this.known = new Map(); // number -> {state: "loading" | "ready" | "missing" | "unfit", url, width, height}
    this.queue = [];
    this.near = new Set();
    this.loading = 0;
  }

  // A sheet: `ready`, or `missing`, `unfit` or `unknown` when it shows nothing; undefined while it is loading.
  get(number) {
    if (this.layout().problem) return UNKNOWN;
    const sheet = this.known.get(number);
    if (sheet) { // the least recently used one is dropped first
      this.known.delete(number);
      this.known.set(number, sheet);
    }
    return sheet?.state === "loading" ? undefined : sheet;
  }

  // Requests these sheets, the most important first; earlier requests that have not begun are dropped.
  request(numbers) {
    if (this.layout().problem) return;
    this.near = new Set(numbers);
    this.queue = numbers.filter((number) => !this.known.has(number));
    this.next();
  }

  // Requests one sheet before all others.
  requestFirst(number) {
    if (this.known.has(number) || this.layout().problem) return;
    this.queue = [number, ...this.queue.filter((other) => other !== number)];
    this.next();
  }

  // Drops sheets whose URL has changed (of another run, or rewritten since), or all of them when the layout has.
  invalidate() {
    const layout = JSON.stringify(this.layout());
    if (layout !== this.checked) this.known.clear();
    this.checked = layout;
    for (const [number, { url }] of this.known) if (url !== this.url(number)) this.known.delete(number);
    this.queue = [];
  }

  // The numbers of the known sheets in this state.
  inState(state) {
    return new Set([...this.known].filter(([, sheet]) => sheet.state === state).map(([number]) => number));
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
      const { naturalWidth: width, naturalHeight: height } = picture;
      Object.assign(sheet, { state: fits(this.layout(), width, height) ? "ready" : "unfit", width, height });
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
