// The opened sample: its dialog, its details, and the steps to the images before and after it.

import { VERDICTS } from "../../../browser/format.js";
import { rowOf } from "../data/columns.js";
import { Details } from "../data/details.js";
import { SampleDialog } from "./sample.js";

const orNull = (value) => (Number.isNaN(value) ? null : value);

export class OpenSample {
  // host: url(path, query), data() (from the page), view(), shown() -> {table, epoch, results, sheets, pictures},
  // change(fields), openElsewhere(place), moveCursor(position), focusGrid(), className(kind, k); annotations: the section
  // of the dialog
  constructor(host, annotations, tags) {
    this.host = host;
    this.annotations = annotations;
    this.tags = tags;
    this.isBlank = false;
    this.dialog = new SampleDialog({
      step: (by) => this.step(by),
      close: () => { if (this.index !== null) host.change({ sample: null }); host.focusGrid(); },
      goTo: (epoch) => host.change({ epoch }),
      openElsewhere: host.openElsewhere,
      className: host.className,
    }, annotations);
    this.details = new Details({
      detailsUrl: (index) => host.url(`samples/${index}`, { epoch: host.shown().epoch, v: host.data().details }),
      copiesUrl: (index) => host.url(`samples/${index}/same`),
      next: () => this.neighbour(),
      onDetails: (details) => this.dialog.show(this.describe(details.index, rowOf(host.shown().table, details.index)), details),
      onFailure: (message) => this.dialog.fail(message),
      onCopies: (places) => this.dialog.showCopies(places),
      onCopiesFailure: (message) => this.dialog.failCopies(message),
    });
  }

  get element() { return this.dialog.element; }

  get isOpen() { return this.dialog.isOpen; }

  get index() { return this.host.view().sample; }

  open(position) {
    this.lastPosition = position;
    this.host.change({ sample: this.host.shown().results.indexAt(position) });
  }

  step(by) {
    const { results } = this.host.shown(), current = results.positionOf(this.index);
    // An image that left the filter: from where it was.
    const from = current >= 0 ? current : (this.lastPosition ?? 0) - (by > 0 ? 1 : 0);
    const to = Math.max(0, Math.min(results.count - 1, from + by));
    if (!results.count || to === current) return;
    this.direction = by;
    this.host.moveCursor(to);
    this.open(to);
  }

  // The image that the next arrow key leads to, or null at the end.
  neighbour() {
    const { results } = this.host.shown(), to = results.positionOf(this.index) + (this.direction || 1);
    return to < 0 || to >= results.count ? null : results.indexAt(to);
  }

  // Samples of another run or split are loading.
  blank() {
    this.isBlank = true;
    this.details.request(null);
    if (this.isOpen) this.dialog.blank();
  }

  show() {
    const { index } = this;
    this.isBlank = false;
    if (index === null) { this.dialog.close(); this.details.request(null); return; }
    const row = rowOf(this.host.shown().table, index);
    if (row < 0) { this.dialog.close(); return; }
    this.details.request(index);
    this.dialog.show(this.describe(index, row), this.details.latest);
    this.annotations.show(index, this.tags, this.host.data().readOnly);
  }

  describe(index, row) {
    const { table, epoch, results, sheets, pictures } = this.host.shown();
    const none = table.sheet[row] === table.nulls.sheet;
    const sheet = none ? null : sheets.get(table.sheet[row]);
    if (!none && sheet === undefined) sheets.requestFirst(table.sheet[row]);
    return {
      ...pictures, table, index, row, epoch, position: results.positionOf(index), shown: results.count,
      verdict: VERDICTS[table.verdict[row]], predicted: table.predicted[row],
      label: table.label[row] === table.nulls.label ? null : table.label[row],
      confidence: orNull(table.confidence[row]), loss: orNull(table.loss[row]), margin: orNull(table.margin[row]),
      sheet, display: this.host.data().display,
      original: table.reduced[row] === 1 ? this.host.url(`samples/${index}/original`) : null,
    };
  }

  close() {
    this.details.close();
    this.dialog.close();
  }
}
