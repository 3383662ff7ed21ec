// The cards of one epoch of a split, the same on every page, from what dashboard/reports/epoch_totals.py counts.
//
// Each takes {now, before (counts of an epoch, before: or null), since (names `before`), totals (of all epochs), at (place
// of `now` there), className(kind, k), link(fields) -> {href, open}}.

import { changeOf } from "./cards.js";
import { VERDICT_SIGNS, count, fixed, number, percent, plural, points } from "./format.js";

const TITLES = { wrong: "Wrong", invalid: "Invalid", unlabelled: "Unlabelled" };
const opens = (link, hint) => (link ? { ...link, hint } : null);

export function accuracyCard({ now, before, since, totals, at }) {
  const interval = now.low === null ? null : `95 %: ${fixed(100 * now.low, 1)} to ${fixed(100 * now.high, 1)}`;
  return {
    title: "Accuracy", value: percent(now.accuracy), notes: [interval], change: changeOf(before?.accuracy, now.accuracy, points, { since }),
    chart: { values: totals.map((t) => t.accuracy), at, title: "accuracy by epoch" },
  };
}

export function lossCard({ now, before, since, totals, at }) {
  return {
    title: "Mean loss", value: number(now.loss), notes: ["of the samples, in nats"],
    change: changeOf(before?.loss, now.loss, number, { since, lowerIsBetter: true }),
    chart: { values: totals.map((t) => t.loss), at, title: "mean loss by epoch" },
  };
}

// How many images have a verdict; opens exactly these.
export function verdictCard(verdict, { now, before, since, totals, at, link }, note) {
  const n = now[verdict];
  return {
    title: TITLES[verdict], sign: VERDICT_SIGNS[verdict], kind: n ? verdict : "", value: count(n), notes: [note],
    change: changeOf(before?.[verdict], n, count, { since, lowerIsBetter: true }),
    chart: { values: totals.map((t) => t[verdict]), at, bars: true, title: `${verdict} images by epoch` },
    link: n ? opens(link({ verdict }), `Show the ${plural(n, `${verdict} image`)}`) : null,
  };
}

export function wrongCard(context) {
  const { now } = context;
  return verdictCard("wrong", context, `of ${count(now.labelled)} labelled${now.invalid ? `, ${count(now.invalid)} invalid` : ""}`);
}

// The label and the predicted class that most wrong images share; opens exactly these.
export function mostConfusedCard({ now, totals, at, className, link }) {
  const title = "Most confused", pair = now.confused;
  if (!pair) return { title, value: "none", notes: ["no labelled image is wrong"] };
  const { label, predicted, samples } = pair;
  return {
    title, value: `${className("label", label)} → ${className("predicted", predicted)}`, notes: [plural(samples, "image")],
    chart: { values: totals.map((t) => (t.confused ? t.confused.samples : 0)), at, bars: true, title: "images of the most confused pair of each epoch" },
    link: opens(link({ label, predicted }), `Show ${samples === 1 ? "this image" : `these ${count(samples)} images`}`),
  };
}

// Instead of the others where nothing has a label.
export function unlabelledCards(context) {
  const { now, totals, at } = context;
  return [
    { title: "Images", value: count(now.samples), notes: ["without labels"] },
    {
      title: "Mean confidence", value: percent(now.confidence), notes: ["of the predicted classes"],
      chart: { values: totals.map((t) => t.confidence), at, title: "mean confidence by epoch" },
    },
    verdictCard("invalid", context, "NaN or infinite output"),
  ];
}
