// Sheets as decoded pictures: asked for when a tile of theirs is near, a few at a time, nearest first.

const AT_ONCE = 4;
const KEEP = 160; // and those that are near: in an order by confidence a screen of tiles may lie on as many sheets

export class Sheets {
  constructor(address, ready) {
    this.address = address; // number -> URL
    this.ready = ready; // called when a sheet has come or is known to be missing
    this.known = new Map(); // number -> {state, url, width, height}
    this.waiting = [];
    this.near = new Set();
    this.loading = 0;
  }

  // What is known of a sheet now: undefined while it is on its way.
  get(number) {
    const sheet = this.known.get(number);
    if (sheet) { // the one used last is forgotten last
      this.known.delete(number);
      this.known.set(number, sheet);
    }
    return sheet?.state === "loading" ? undefined : sheet;
  }

  // Asks for these sheets, in this order of importance; those asked for earlier and not begun yet are dropped.
  want(numbers) {
    this.near = new Set(numbers);
    this.waiting = numbers.filter((number) => !this.known.has(number));
    this.next();
  }

  // Forgets sheets whose address is another now: of another run, or written again since.
  renew() {
    for (const [number, { url }] of this.known) if (url !== this.address(number)) this.known.delete(number);
    this.waiting = [];
  }

  // Asks for one sheet before all others.
  need(number) {
    if (this.known.has(number)) return;
    this.waiting = [number, ...this.waiting.filter((other) => other !== number)];
    this.next();
  }

  next() {
    while (this.loading < AT_ONCE && this.waiting.length) this.load(this.waiting.shift());
  }

  async load(number) {
    const url = this.address(number);
    const picture = new Image();
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
    for (const [old, { state }] of this.known) {
      if (this.known.size <= KEEP) break;
      if (state === "ready" && !this.near.has(old)) this.known.delete(old);
    }
    if (this.known.get(number) === sheet) this.ready(number);
    this.next();
  }

  missing() {
    return [...this.known].filter(([, sheet]) => sheet.state === "missing").map(([number]) => number);
  }
}
