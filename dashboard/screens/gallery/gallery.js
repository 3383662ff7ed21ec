// The gallery component. It filters, sorts and draws by itself, from columns that are fetched once, and updates the state
// of the page, so that the URL always holds the view. Whose view counts when both sides change it: component_state.js.

import { ComponentState } from "../../browser/component_state.js";
import { applyPalette, element } from "../../browser/dom.js";
import { announceShown, handleEpochs } from "../../browser/epoch_events.js";
import { FILTERS, decode, same } from "../../browser/link.js";
import { Extras } from "./data/extras.js";
import { Failure } from "./data/failure.js";
import { Orders, group, select } from "./data/filter.js";
import { Loader } from "./data/loader.js";
import { Results } from "./data/results.js";
import { Sheets } from "./data/sheets.js";
import { OpenSample } from "./sample/open_sample.js";
import { Tagging } from "./tags/tagging.js";
import { Descriptions } from "./tiles/descriptions.js";
import { Grid } from "./tiles/grid.js";
import { sizeFor } from "./tiles/sizes.js";
import { Tip } from "./tiles/tip.js";
import { Header } from "./tools/header.js";

const galleries = new WeakMap();
const FIELDS = ["epoch", ...FILTERS, "sort", "reverse", "group", "size", "sample"]; // of the view
const RESTART_SCROLL = [...FILTERS, "sort", "reverse", "group"];
const TAGBAR_HEIGHT = 76; // pixels of the grid that the bar of a selection covers
const MIN_HEIGHT = 380; // of the grid

export function mount({ data, parentElement, setStateValue }) {
  let gallery = galleries.get(parentElement);
  if (!gallery) galleries.set(parentElement, (gallery = new Gallery(parentElement.querySelector(".gallery"))));
  gallery.receive(data, (update) => setStateValue("update", update));
  return () => { galleries.delete(parentElement); gallery.close(); };
}

class Gallery {
  constructor(root) {
    this.root = root;
    this.state = new ComponentState();
    this.view = decode({}, FIELDS);
    this.orders = new Orders();
    this.createParts();
    root.replaceChildren(...this.header.elements,
      element("div", { class: "stage" }, this.grid.view, element("div", { class: "float" }, this.tagging.bar.element)),
      this.failure.element, this.tip.element, this.sample.element);
    root.addEventListener("keydown", (event) => event.stopPropagation()); // Streamlit has shortcuts on single letters
    this.ignoreEpochs = handleEpochs({
      subject: () => this.data?.subject, shown: () => ({ epoch: this.wanted().epoch, pinned: this.view.epoch }),
      go: ({ epoch, passing, ahead }) => { this.ahead = ahead; this.change({ epoch }, { passing }); },
    });
    this.fitHeight = () => this.fit();
    window.addEventListener("resize", this.fitHeight);
    this.above = new ResizeObserver(this.fitHeight); // measuring at every change would lay the page out twice
    for (const part of this.header.elements) this.above.observe(part);
  }

  createParts() {
    const url = (path, query) => this.url(path, query), className = (kind, k) => this.descriptions.className(kind, k);
    const focusGrid = () => this.grid.view.focus({ preventScroll: true });
    const change = (fields) => this.change(fields), data = () => this.data, view = () => this.view;
    this.header = new Header({ change, className });
    this.tip = new Tip();
    this.tagging = new Tagging({
      url, focusGrid, data, tiles: () => this.tiles, isShown: (index) => this.results.positionOf(index) >= 0,
      onTags: () => this.show({ restart: false }), onSelection: () => this.grid.showPicked(this.tagging.selection.size ? TAGBAR_HEIGHT : 0),
    });
    const { selection, tags } = this.tagging;
    this.descriptions = new Descriptions(() => ({ table: this.table, classes: this.data.classes, sources: this.extras.sources, tags: tags.byIndex }));
    this.sample = new OpenSample({
      url, focusGrid, className, data, view, change,
      shown: () => ({ table: this.table, epoch: this.tableEpoch, results: this.results, sheets: this.sheets, pictures: this.data.layout }),
      openElsewhere: ({ run, split, index }) => this.state.leave({ run, split, sample: index }), moveCursor: (position) => this.moveTo(position),
    }, this.tagging.annotations, tags);
    this.grid = new Grid({
      open: (position) => this.openAt(position), move: (position) => this.moveTo(position),
      hover: (position, tile) => this.hover(position, tile), describe: (row) => this.descriptions.sentence(row),
      pick: (position, range) => this.pick(position, range), pickAll: () => selection.add(this.results.indices), unpick: () => selection.clear(),
      isPicked: (row) => selection.has(this.table.index[row]), isTagged: (row) => tags.byIndex.has(this.table.index[row]),
    });
    this.failure = new Failure(this.root, this.grid.view);
    this.extras = new Extras({
      url, data, view, shown: () => ({ table: this.table, epoch: this.tableEpoch }), redraw: () => this.show({ restart: true }),
      fail: (error, retry) => this.failure.show(error, retry),
    });
    this.loader = new Loader({
      loaded: (request, tiles, table) => this.loaded(request, tiles, table),
      failed: (request, error) => this.failure.onRequest(request, error, () => this.load(request.epoch, request.outcomes, request.restart)),
      busy: (busy) => { if (busy) this.root.setAttribute("aria-busy", "true"); else this.root.removeAttribute("aria-busy"); },
    });
    this.sheets = new Sheets({
      url: (number) => this.url(`sheets/${number}.webp`, { v: this.data.sheets[number] }), layout: () => this.data.layout,
      onReady: (number) => this.onSheet(number),
    });
  }

  // --- state ------------------------------------------------------------------------------------

  receive(data, update) {
    const moved = this.data?.base !== data.base || this.data.identity !== data.identity;
    this.data = data;
    this.state.receive(data, update);
    if (moved) this.move();
    this.sheets.invalidate();
    applyPalette(this.root, data.colours, data.theme);
    this.adopt({ ...decode(data.view, FIELDS), ...this.state.fields });
  }

  // Another run or split, or another run's files in the same folder: nothing of the former one stays on the screen.
  move() {
    this.tagging.reset();
    this.sample.blank();
    this.tip.show(null);
    this.root.classList.add("moving");
  }

  // A change made here is shown at once. passing: another one follows, see component_state.js.
  change(fields, { passing = false } = {}) {
    const changed = Object.fromEntries(Object.entries(fields).filter(([name, value]) => !same(this.view[name], value)));
    this.state.change(changed, { passing });
    if (Object.keys(changed).length) this.adopt({ ...this.view, ...changed });
  }

  adopt(view) {
    const changed = FIELDS.filter((name) => !same(view[name], this.view[name]));
    const restart = changed.some((name) => RESTART_SCROLL.includes(name));
    this.view = view;
    const { epoch, url } = this.wanted(), before = this.shownFiles, files = `${url} ${this.data.tiles}`;
    this.shownFiles = files;
    if (files !== before) {
      this.load(epoch, url, !before || restart);
      return;
    }
    this.tagging.load(this.data.tags).then((changed) => { if (changed && this.shownFiles === files) this.show({ restart: false }); });
    if (this.table) this.show({ restart });
  }

  // The epoch to show: the pinned one, else the latest.
  wanted() {
    const { epochs } = this.data;
    const [epoch, version] = epochs.find(([logged]) => logged === this.view.epoch) || epochs.at(-1);
    return { epoch, url: this.url(`epochs/${epoch}`, { v: version }) };
  }

  // `samples` tells the server whose samples the page shows: it refuses when they are no longer those of the run.
  url(path, query = {}) {
    const parameters = new URLSearchParams({ ...query, samples: this.data.identity });
    return new URL(`${this.data.base}/${path}?${parameters}`, document.baseURI).href;
  }

  // --- data -------------------------------------------------------------------------------------

  load(epoch, url, restart) {
    this.loader.load({ base: this.data.base, epoch, restart, tiles: this.url("tiles", { v: this.data.tiles }), outcomes: url, also: this.tagging.load(this.data.tags) });
  }

  loaded({ epoch, restart, tiles: tilesUrl }, tiles, table) {
    if (this.tilesUrl !== tilesUrl) {
      this.tilesUrl = tilesUrl;
      this.extras.reset();
    }
    this.root.classList.remove("moving");
    Object.assign(this, { tiles, table, tableEpoch: epoch });
    this.failure.clear();
    this.show({ restart });
    const ahead = this.data.epochs.find(([other]) => other === this.ahead);
    if (ahead) this.loader.prefetch(this.url(`epochs/${ahead[0]}`, { v: ahead[1] }));
  }

  // --- drawing ----------------------------------------------------------------------------------

  show({ restart }) {
    const { table, view } = this;
    if (view.sort === "forgotten") this.extras.loadForgotten();
    const { rows, counts } = select(table, view, this.extras.matches(table, view.search), this.orders, this.tagging.tags.rows(table));
    const groups = group(rows, table, view.group);
    Object.assign(this, { rows, counts, results: new Results(table, groups), size: sizeFor(this.data.layout, view.size) });
    this.grid.show({
      ...this.data.layout, table, groups, by: view.group, sheets: this.sheets, size: this.size,
      sameLabel: view.group === "label" || view.label !== null, className: (kind, k) => this.descriptions.className(kind, k),
    }, { keepScroll: !restart });
    this.grid.setCursor(this.results.positionOf(view.sample ?? this.cursorIndex));
    this.updateHeader();
    this.tagging.update();
    this.root.dataset.epoch = this.tableEpoch + 1;
    this.root.dataset.shown = rows.length;
    this.sample.show();
    announceShown(this.data.subject, this.tableEpoch, view.epoch);
  }

  updateHeader() {
    const { table, tableEpoch: epoch, tiles, rows, counts, size, sheets } = this;
    this.header.update(this.view, this.data, { table, epoch, tiles, rows, counts, size, sheets }, this.tagging.tags);
  }

  onSheet(number) {
    this.grid.onSheet(number);
    if (this.sample.isOpen) this.sample.show();
    if (this.sheets.get(number)?.state !== "ready" && this.counts) this.updateHeader();
  }

  // The grid gets the height that the window leaves.
  fit() {
    const top = this.grid.view.getBoundingClientRect().top + (this.root.closest("[data-testid=stMain]")?.scrollTop || 0);
    this.grid.view.style.height = `${Math.max(MIN_HEIGHT, Math.floor(window.innerHeight - Math.min(top, window.innerHeight * 0.6) - 24))}px`;
  }

  // --- one sample -------------------------------------------------------------------------------

  moveTo(position) {
    this.cursorIndex = this.results.indexAt(position);
    this.grid.setCursor(position, { reveal: true });
    this.tip.show(null);
  }

  openAt(position) {
    this.tip.show(null);
    this.cursorIndex = this.results.indexAt(position);
    this.grid.setCursor(position);
    this.sample.open(position);
  }

  pick(position, range) {
    this.moveTo(position);
    this.grid.view.focus({ preventScroll: true });
    if (range) this.tagging.selection.addRange(position, this.results);
    else this.tagging.selection.toggle(this.results.indexAt(position));
  }

  hover(position, tile) {
    if (position === null || position >= this.results.count) this.tip.show(null);
    else this.tip.show(tile, this.descriptions.lines(this.grid.layout.row(position)));
  }

  close() {
    this.state.close();
    this.failure.close();
    this.sample.close();
    this.loader.close();
    this.ignoreEpochs();
    window.removeEventListener("resize", this.fitHeight);
    this.above.disconnect();
    this.grid.close();
  }
}
