// What stands above the tiles: the cards of the epoch, and the toolbar.

import { Cards } from "../../../browser/cards.js";
import { accuracyCard, lossCard, mostConfusedCard, unlabelledCards, wrongCard } from "../../../browser/epoch_cards.js";
import { VERDICTS } from "../../../browser/format.js";
import { DEFAULTS, FILTERS } from "../../../browser/link.js";
import { linkTo } from "../../../browser/navigation.js";
import { sizesOf } from "../tiles/sizes.js";
import { exportUrl } from "./export_menu.js";
import { notes } from "./notes.js";
import { Toolbar } from "./toolbar.js";

export class Header {
  // change(fields); className(kind, k)
  constructor({ change, className }) {
    this.change = change;
    this.className = className;
    this.cards = new Cards();
    this.toolbar = new Toolbar(change);
    this.elements = [this.cards.element, this.toolbar.element];
  }

  // data: from the page; shown: {table, epoch, tiles, rows, counts, size, sheets}; tags: of the run and split
  update(view, data, shown, tags) {
    const { table, epoch, rows } = shown;
    if (this.table !== table) {
      this.table = table;
      this.present = new Set(Array.from(new Set(table.verdict), (code) => VERDICTS[code]));
      this.options = { label: this.classes("label", data), predicted: this.classes("predicted", data) };
    }
    if (this.drawn?.table !== table || this.drawn.data !== data) {
      this.drawn = { table, data };
      this.updateCards(data, epoch);
    }
    this.toolbar.update(view, {
      counts: shown.counts, shown: rows.length, total: table.rows, present: this.present, size: shown.size, sizes: sizesOf(data.layout),
      options: { ...this.options, tag: tags.names.map((name) => ({ value: name, name })) },
      notes: notes({
        tiles: shown.tiles, table, rows, available: data.split.available, epoch, layout: data.layout,
        missing: shown.sheets.inState("missing"), unfit: shown.sheets.inState("unfit"), tags,
      }),
      display: data.display,
      hasPrevious: epoch !== data.epochs[0][0], exportUrl: (kind) => exportUrl(data.base, kind, epoch, view),
    });
  }

  // Every declared class in order of its index, then what else occurs.
  classes(kind, { classes }) {
    const none = this.table.nulls[kind];
    const undeclared = [...new Set(this.table[kind])].filter((k) => k !== none && (k < 0 || k >= classes.length)).sort((a, b) => b - a);
    return [...classes.keys(), ...undeclared].map((value) => ({ value, name: this.className(kind, value) }));
  }

  updateCards({ totals, link }, epoch) {
    const at = totals.findIndex((t) => t.epoch === epoch);
    this.cards.element.hidden = at < 0;
    if (at < 0) return;
    const context = {
      now: totals[at], before: totals[at - 1] ?? null, since: "the previous epoch", totals, at,
      className: this.className, link: (fields) => this.link(link, epoch, fields),
    };
    const labelled = totals[at].accuracy !== null;
    this.cards.update(labelled ? [accuracyCard, lossCard, wrongCard, mostConfusedCard].map((make) => make(context)) : unlabelledCards(context));
  }

  // Exactly the images with these fields: all other filters are cleared.
  link(to, epoch, fields) {
    const cleared = Object.fromEntries(FILTERS.map((name) => [name, DEFAULTS[name]]));
    const { href } = linkTo(to, { epoch, ...fields }, this.cards.element);
    return { href, open: () => this.change({ ...cleared, ...fields }) };
  }
}
