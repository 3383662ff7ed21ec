// The cards of one run on the Runs page: its main metrics, and the mistakes of its latest epoch.

import { Cards, changeOf } from "../../browser/cards.js";
import { applyPalette } from "../../browser/dom.js";
import { mostConfusedCard, unlabelledCards, wrongCard } from "../../browser/epoch_cards.js";
import { className, number, percent, points } from "../../browser/format.js";
import { linkTo } from "../../browser/navigation.js";

const SINCE = "the previous epoch";
const mounted = new WeakMap();

export function mount({ data, parentElement }) {
  const root = parentElement.querySelector(".headline");
  let cards = mounted.get(root);
  if (!cards) {
    mounted.set(root, (cards = new Cards()));
    root.replaceChildren(cards.element);
  }
  applyPalette(root, data.colours, data.theme);
  cards.update([...data.trends.map(trendCard), ...epochCards(data, root)]);
}

// One metric: its last value, the change since the one before, and the best.
function trendCard({ title, values, last, before, best, share, lowerIsBetter }) {
  const write = share ? percent : number, size = share ? points : number;
  return {
    title, value: write(last), change: changeOf(before, last, size, { since: SINCE, lowerIsBetter }),
    notes: [best ? `best ${write(best.value)} at epoch ${best.epoch + 1}` : ""],
    chart: { values, at: Number.isFinite(Number(last)) ? values.length - 1 : -1, title: `${title.toLowerCase()} by epoch` },
  };
}

// The mistakes of the latest epoch that can be read.
function epochCards({ totals, classes, link }, root) {
  if (!totals.length) return [];
  const at = totals.length - 1, now = totals[at];
  const context = {
    now, before: totals[at - 1] ?? null, since: SINCE, totals, at, className: (_, k) => className(classes, k), link: (fields) => linkTo(link, { epoch: now.epoch, ...fields }, root),
  };
  return now.accuracy === null ? unlabelledCards(context) : [wrongCard(context), mostConfusedCard(context)];
}
