// The gallery component. Filters, sorts and draws by itself from columns fetched once, and tells the page what
// changed, so that the URL always holds the view.
//
// Who is right when both sides change the view: each change made here gets a rising number and is sent together with
// those not yet acknowledged. The page answers with its view and the last number it took in; changes above that number are laid
// over the page's view, so that an answer that comes late never undoes what was done meanwhile.

import { Cards } from "./cards.js";
import { later, make } from "./dom.js";
import { serveEpochs, tellShown } from "../../browser/epoch_events.js";
import { readColumns, readJson } from "./columns.js";
import { Orders, group, mostConfused, search, select, VERDICTS } from "./filter.js";
import { Details } from "./details.js";
import { Grid } from "./grid.js";
import { Loader } from "./loader.js";
import { notes } from "./notes.js";
import { SampleDialog } from "./sample.js";
import { Sheets } from "./sheets.js";
import { sizeFor, sizesOf } from "./sizes.js";
import { Tagging } from "./tagging.js";
import { Tip } from "./tip.js";
import { Toolbar } from "./toolbar.js";
import { NOTHING, decode, encode, same } from "./view.js";
import { Words } from "./words.js";

const galleries = new WeakMap();
const FOOT = 76; // pixels that the bar of a selection takes of the tiles
const TELL_AFTER = 180; // milliseconds without another change
const RESTARTS_SCROLL = ["verdict", "label", "predicted", "confidence", "changed", "tag", "search", "sort", "reverse", "group"];

export function mount({ data, parentElement, setStateValue }) {
  let gallery = galleries.get(parentElement);
  if (!gallery) galleries.set(parentElement, (gallery = new Gallery(parentElement)));
  gallery.receive(data, setStateValue);
  return () => { galleries.delete(parentElement); gallery.close(); };
}

class Gallery {
  constructor(parent) {
    this.root = parent.querySelector(".gallery");
    this.session = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
    this.sequence = 0;
    this.pending = {}; // field -> {value, sequence}
    this.view = { ...NOTHING };
    this.orders = new Orders();
    this.tell = later(TELL_AFTER, () => this.send());
    this.toolbar = new Toolbar((fields) => this.change(fields));
    this.cards = new Cards((fields) => this.change(fields));
    this.tip = new Tip();
    this.grid = new Grid({
      open: (position) => this.openAt(position),
      move: (position) => this.moveTo(position),
      hover: (position, tile) => this.hover(position, tile),
      describe: (row) => this.words.describe(row),
      pick: (position, range) => this.pick(position, range),
      pickAll: () => this.tagging.selection.add(Array.from(this.rows, (row) => this.table.index[row])),
      unpick: () => this.tagging.selection.clear(),
      isPicked: (row) => this.tagging.selection.has(this.table.index[row]),
      isTagged: (row) => this.tagging.tags.of.has(this.table.index[row]),
    });
    this.words = new Words(() => ({ table: this.table, classes: this.data.classes, sources: this.sources, tags: this.tagging.tags.of }));
    this.tagging = new Tagging({
      url: (path, version) => this.url(path, version), data: () => this.data, tiles: () => this.tiles,
      changed: () => this.show({ restart: false }),
      picked: () => this.grid.showPicked(this.tagging.selection.size ? FOOT : 0),
      shows: (index) => this.positionOf(index) >= 0,
      focus: () => this.grid.view.focus({ preventScroll: true }),
    });
    this.dialog = new SampleDialog({
      step: (by) => this.step(by),
      close: () => { if (this.view.sample !== null) this.change({ sample: null }); this.grid.view.focus({ preventScroll: true }); },
      goTo: (epoch) => this.change({ epoch }),
      elsewhere: (place) => this.leave(place),
      name: (kind, k) => this.words.name(kind, k),
    }, this.tagging.remarks);
    this.details = new Details({
      address: (index) => `${this.url(`samples/${index}`)}?epoch=${this.tableEpoch}&v=${this.data.details}`,
      same: (index) => this.url(`samples/${index}/same`),
      next: () => this.neighbour(),
      came: (details) => this.dialog.show(this.sampleAt(details.index, this.rowOf(details.index), this.tableEpoch), details),
      failed: (message) => this.dialog.fail(message),
      twins: (places) => this.dialog.showSame(places),
      noTwins: (message) => this.dialog.failSame(message),
    });
    this.loader = new Loader({
      loaded: (wish, tiles, table) => this.loaded(wish, tiles, table),
      failed: ({ epoch, outcomes, restart }, error) => {
        this.grid.view.hidden = true; // what is shown is of another epoch
        this.root.classList.add("lost");
        this.fail(error, () => this.load(epoch, outcomes, restart));
      },
      busy: (busy) => { if (busy) this.root.setAttribute("aria-busy", "true"); else this.root.removeAttribute("aria-busy"); },
    });
    this.sheets = new Sheets((n) => this.url(`sheets/${n}.webp`, this.data.sheets[n]), (n) => this.sheetCame(n));
    this.message = make("div", { class: "message", hidden: true });
    this.root.replaceChildren(this.cards.element, this.toolbar.element, make("div", { class: "stage" }, this.grid.view, make("div", { class: "float" }, this.tagging.bar.element)), this.message, this.tip.element, this.dialog.element);
    // Streamlit has shortcuts on single letters; what is typed here is not meant for it.
    this.root.addEventListener("keydown", (event) => event.stopPropagation());
    this.leaveEpochs = serveEpochs({
      subject: () => this.data?.subject, now: () => ({ epoch: this.wanted().epoch, pinned: this.view.epoch }),
      go: ({ epoch, passing, ahead }) => { this.ahead = ahead; this.change({ epoch }, { passing }); },
    });
    this.fitHeight = () => this.fit();
    window.addEventListener("resize", this.fitHeight);
    this.above = new ResizeObserver(this.fitHeight); // measuring at every change would lay the page out twice
    this.above.observe(this.toolbar.element);
    this.above.observe(this.cards.element);
  }

  // --- between the page and here -------------------------------------------------------------

  receive(data, setStateValue) {
    const moved = !this.data || this.data.base !== data.base;
    this.data = data;
    this.setStateValue = setStateValue;
    if (data.ack && data.ack.session === this.session) {
      for (const [name, { sequence }] of Object.entries(this.pending)) if (sequence <= data.ack.sequence) delete this.pending[name];
    }
    if (moved) {
      this.pending = {};
      this.tagging.reset();
    }
    const own = Object.fromEntries(Object.entries(this.pending).map(([name, { value }]) => [name, value]));
    for (const [name, colour] of Object.entries(data.colours)) this.root.style.setProperty(`--${name}`, colour);
    this.root.style.colorScheme = data.theme;
    this.adopt({ ...decode(data.view), ...own });
  }

  // A change made here: shown at once, told to the page soon; one that is only passed through when the next one is not.
  change(fields, { passing = false } = {}) {
    const news = Object.entries(fields).filter(([name, value]) => !same(this.view[name], value));
    if (!passing && (news.length || this.untold)) this.tell();
    this.untold = passing && (this.untold || news.length > 0);
    if (!news.length) return;
    this.sequence++;
    for (const [name, value] of news) this.pending[name] = { value, sequence: this.sequence };
    this.adopt({ ...this.view, ...Object.fromEntries(news) });
  }

  send() {
    const fields = Object.fromEntries(Object.entries(this.pending).map(([name, { value }]) => [name, value]));
    if (Object.keys(fields).length) {
      this.setStateValue("view", { session: this.session, sequence: this.sequence, fields: encode(fields) });
    }
  }

  // To a sample of another run or split: the page must load it.
  leave({ run, split, index }) {
    this.pending = {};
    this.tell.cancel(); // a second message could overtake the page's answer to this one
    this.sequence++;
    this.setStateValue("view", { session: this.session, sequence: this.sequence, fields: { sample: String(index) }, run, split });
  }

  // --- from a view to what is shown ------------------------------------------------------------

  adopt(view) {
    const changed = Object.keys(view).filter((name) => !same(view[name], this.view[name]));
    this.view = view;
    const { epoch, address } = this.wanted();
    const before = this.shownAddress;
    this.shownAddress = `${address} ${this.data.tiles}`;
    if (this.shownAddress === before) {
      this.tagging.load(this.data.tags).then((news) => { if (news && this.shownAddress === before) this.show({ restart: false }); });
    }
    if (this.shownAddress !== before) this.load(epoch, address, !before || changed.some((name) => RESTARTS_SCROLL.includes(name)));
    else if (this.table) this.show({ restart: changed.some((name) => RESTARTS_SCROLL.includes(name)) });
  }

  wanted() {
    const epochs = this.data.epochs;
    const found = epochs.find(([epoch]) => epoch === this.view.epoch) || epochs.at(-1);
    return { epoch: found[0], address: this.url(`epochs/${found[0]}`, found[1]) };
  }

  url(path, version) {
    return new URL(`${this.data.base}/${path}${version ? `?v=${version}` : ""}`, document.baseURI).href;
  }

  load(epoch, address, restart) {
    const tiles = this.url("tiles", this.data.tiles);
    this.loader.want({ of: this.data.base, epoch, restart, tiles, outcomes: address, also: this.tagging.load(this.data.tags) });
  }

  loaded({ epoch, restart, tiles: address }, tiles, table) {
    if (this.tilesAddress !== address) {
      this.tilesAddress = address;
      this.sources = null;
      this.sheets.renew();
    }
    Object.assign(this, { tiles, table, tableEpoch: epoch });
    this.message.hidden = true;
    this.grid.view.hidden = false;
    this.root.classList.remove("lost");
    this.show({ restart });
    const ahead = this.data.epochs.find(([other]) => other === this.ahead);
    if (ahead) this.loader.ahead(this.url(`epochs/${ahead[0]}`, ahead[1]));
  }

  // How often each was forgotten needs every epoch before, so it comes when it is asked for.
  async loadForgotten() {
    const { table, tableEpoch: epoch } = this;
    this.forgottenOf = table;
    try {
      const forgotten = await readColumns(`${this.url(`epochs/${epoch}/forgotten`)}?details=${this.data.details}`);
      if (table !== this.table || forgotten.rows < table.rows) return;
      table.forgotten = byIndex(forgotten, table);
      if (this.view.sort === "forgotten") this.show({ restart: true });
    } catch (error) {
      if (table !== this.table) return;
      this.forgottenOf = null;
      if (this.view.sort === "forgotten") this.fail(error, () => this.loadForgotten());
    }
  }

  fail(error, again) {
    this.message.hidden = false;
    this.message.replaceChildren(make("p", { text: `The images could not be loaded: ${error.message}` }),
      make("button", { class: "field", type: "button", text: "Try again", onclick: again }));
  }

  show({ restart }) {
    const { table, view } = this;
    if (view.sort === "forgotten" && this.forgottenOf !== table) this.loadForgotten();
    const { rows, counts } = select(table, view, this.matches(), this.orders, this.tagging.tags.rows(table));
    this.rows = rows;
    this.positions = null;
    const groups = group(rows, table, view.group);
    const size = this.size();
    this.grid.show({
      ...this.pictures(), groups, by: view.group, sameLabel: view.group === "label" || view.label !== null, size, name: (kind, k) => this.words.name(kind, k),
    }, { keepScroll: !restart });
    this.shownGroups = groups;
    this.grid.setCursor(view.sample !== null ? this.positionOf(view.sample) : this.cursorIndex !== undefined ? this.positionOf(this.cursorIndex) : -1);
    this.counts = counts;
    this.updateToolbar(size);
    this.tagging.update();
    this.root.dataset.epoch = this.tableEpoch + 1;
    this.root.dataset.shown = rows.length;
    this.showSample();
    tellShown(this.data.subject, this.tableEpoch, view.epoch);
  }

  pictures() {
    const { cell, columns, exact } = this.data.layout;
    return { table: this.table, sheets: this.sheets, cell, columns, exact };
  }

  matches() {
    if (!this.view.search.trim()) return null;
    if (this.sources) return search(this.table, this.view.search, this.sources);
    const of = this.tilesAddress;
    readJson(this.url("sources", this.data.tiles)).then((sources) => {
      if (of !== this.tilesAddress) return;
      this.sources = sources;
      this.show({ restart: true });
    }, (error) => this.fail(error, () => this.show({ restart: true })));
    return search(this.table, this.view.search, null);
  }

  size() { return sizeFor(this.data.layout, this.view.size); }

  updateToolbar(size) {
    const { table, view } = this;
    if (this.described !== table) {
      this.described = table;
      this.present = new Set(Array.from(new Set(table.verdict), (code) => VERDICTS[code]));
      this.options = { label: this.choices("label"), predicted: this.choices("predicted") };
      this.cards.update({ totals: this.data.totals, epoch: this.tableEpoch, pair: mostConfused(table), name: (kind, k) => this.words.name(kind, k) });
    }
    this.toolbar.update(view, {
      counts: this.counts, shown: this.rows.length, total: table.rows, present: this.present,
      options: { ...this.options, tag: this.tagging.tags.names.map((name) => ({ value: name, name })) },
      notes: this.notes(), sizes: sizesOf(this.data.layout), size, hasPrevious: this.tableEpoch !== this.data.epochs[0][0],
      exportUrl: (kind) => this.exportUrl(kind),
    });
  }

  // Every declared class in index order, then what else occurs.
  choices(kind) {
    const { classes } = this.data, none = this.table.nulls[kind];
    const odd = [...new Set(this.table[kind])].filter((k) => k !== none && (k < 0 || k >= classes.length)).sort((a, b) => b - a);
    return [...classes.keys(), ...odd].map((value) => ({ value, name: this.words.name(kind, value) }));
  }

  notes() {
    return notes({
      tiles: this.tiles, table: this.table, rows: this.rows, available: this.data.split.available, epoch: this.tableEpoch,
      missing: new Set(this.sheets.missing()), tags: this.tagging.tags,
    });
  }

  exportUrl(kind) {
    const { verdict, label, predicted, confidence: between, changed, tag, search: text } = this.view;
    const query = encode({ epoch: this.tableEpoch, verdict, label, predicted, confidence: between, changed, tag, search: text });
    const said = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ""));
    return new URL(`${this.data.base}/export.${kind}?${said}`, document.baseURI).href;
  }

  sheetCame(number) {
    this.grid.sheetCame(number);
    if (this.dialog.open) this.showSample();
    if (this.sheets.get(number)?.state === "missing" && this.counts) this.updateToolbar(this.size());
  }

  // The tiles take what the window leaves them.
  fit() {
    const top = this.grid.view.getBoundingClientRect().top + (this.root.closest("[data-testid=stMain]")?.scrollTop || 0);
    this.grid.view.style.height = `${Math.max(380, Math.floor(window.innerHeight - Math.min(top, window.innerHeight * 0.6) - 24))}px`;
  }

  // --- one sample --------------------------------------------------------------------------------

  positionOf(index) {
    if (!this.positions) {
      this.positions = new Map();
      let position = 0;
      for (const { rows } of this.shownGroups) for (const row of rows) this.positions.set(this.table.index[row], position++);
    }
    return this.positions.get(index) ?? -1;
  }

  indexAt(position) { return this.table.index[this.grid.layout.row(position)]; }

  moveTo(position) {
    this.cursorIndex = this.indexAt(position);
    this.grid.setCursor(position, { reveal: true });
    this.tip.show(null);
  }

  pick(position, range) {
    const index = this.indexAt(position);
    this.moveTo(position);
    this.grid.view.focus({ preventScroll: true });
    if (range) this.tagging.pickRange(position, (i) => this.positionOf(i), (p) => this.indexAt(p));
    else this.tagging.selection.toggle(index);
  }

  openAt(position) {
    this.tip.show(null);
    this.cursorIndex = this.indexAt(position);
    this.lastPosition = position;
    this.grid.setCursor(position);
    this.change({ sample: this.cursorIndex });
  }

  step(by) {
    const now = this.positionOf(this.view.sample);
    const from = now >= 0 ? now : (this.lastPosition ?? 0) - (by > 0 ? 1 : 0);
    const to = Math.max(0, Math.min(this.rows.length - 1, from + by));
    if (!this.rows.length || to === now) return;
    this.direction = by;
    this.moveTo(to);
    this.lastPosition = to;
    this.change({ sample: this.cursorIndex });
  }

  showSample() {
    const index = this.view.sample;
    if (index === null) { this.dialog.close(); this.details.want(null); return; }
    const row = this.rowOf(index);
    if (row < 0) { this.dialog.close(); return; }
    const epoch = this.tableEpoch;
    this.details.want(index);
    this.dialog.show(this.sampleAt(index, row, epoch), this.details.known);
    this.tagging.remarks.show(index, this.tagging.tags, this.data.readOnly);
  }

  // The image that the next arrow key leads to, or null at the end.
  neighbour() {
    const to = this.positionOf(this.view.sample) + (this.direction || 1);
    return to < 0 || to >= this.rows.length ? null : this.indexAt(to);
  }

  rowOf(index) {
    const { table } = this;
    return table.index[index] === index ? index : table.index.indexOf(index);
  }

  sampleAt(index, row, epoch) {
    const { table } = this;
    const none = table.sheet[row] === table.nulls.sheet;
    const sheet = none ? null : this.sheets.get(table.sheet[row]);
    if (!none && sheet === undefined) this.sheets.need(table.sheet[row]);
    const value = (column) => (Number.isNaN(column[row]) ? null : column[row]);
    return {
      ...this.pictures(), index, row, epoch, position: this.positionOf(index), shown: this.rows.length,
      verdict: VERDICTS[table.verdict[row]], predicted: table.predicted[row],
      label: table.label[row] === table.nulls.label ? null : table.label[row],
      confidence: value(table.confidence), loss: value(table.loss), margin: value(table.margin),
      sheet: sheet?.state === "missing" ? null : sheet,
      original: table.reduced[row] === 1 ? this.url(`samples/${index}/original`, this.data.tiles) : null,
    };
  }

  hover(position, tile) {
    if (position === null || position >= this.grid.layout.count) { this.tip.show(null); return; }
    this.tip.show(tile, this.words.tip(this.grid.layout.row(position)));
  }

  close() {
    this.tell.cancel();
    this.details.close();
    this.loader.close();
    this.leaveEpochs();
    window.removeEventListener("resize", this.fitHeight);
    this.above.disconnect();
    this.dialog.close();
    this.grid.close();
  }
}

// The counts in the order of the table's rows.
function byIndex(forgotten, table) {
  if (forgotten.rows === table.rows && forgotten.index.every((index, row) => index === table.index[row])) return forgotten.forgotten;
  const of = new Map();
  forgotten.index.forEach((index, row) => of.set(index, forgotten.forgotten[row]));
  return Int32Array.from(table.index, (index) => of.get(index) ?? 0);
}
