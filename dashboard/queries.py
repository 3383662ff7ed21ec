"""Every question asked of samples and predictions, as SQL over the Parquet files of a run.

The SQL is portable: `engine` says what `samples` and `predictions` are. Answers are Arrow tables, or plain
dictionaries where there are few rows. Epochs count from 0 here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from dashboard import engine
from dashboard.filters import Filter
from dashboard.runs import Run
from dashboard.tags import annotations_of
from logger import schema

VERDICT = (
    f"case when predicted = {schema.INVALID} then 'invalid' when label is null then 'unlabelled' "
    "when label = predicted then 'correct' else 'wrong' end"
)
"""The verdict, defined once. Its order matters: an invalid output is invalid with or without a label."""

ROWS = f"""
    with now as (
        select "index", label, predicted, confidence, loss, log_prob_label - log_prob_other as margin,
               {VERDICT} as verdict
        from predictions where epoch = $epoch
    ), earlier as (
        select "index" as was_index, predicted as was from predictions where epoch = $before
    ), sample as (
        select "index" as of_index, digest, sheet, tile, tile_width, tile_height, width, height,
               original, source
        from samples
    ), filterable as (
        select now.*, sample.*, was, case when was <> predicted then 1 else 0 end as changed
        from now left join earlier on was_index = "index" left join sample on of_index = "index"
    )
"""
"""One epoch, a row per sample: what was predicted, whether that changed, and where its picture is."""


def prediction_files(run: Run, split: str, *, up_to: int | None = None) -> list[Path]:
    """Paths of the split's epochs in order; `up_to` (included) leaves out later ones."""
    epochs = run.epochs.get(split, ())
    return [run.predictions(split, epoch) for epoch in epochs if up_to is None or epoch <= up_to]


def epoch_before(run: Run, split: str, epoch: int) -> int | None:
    """The epoch logged before `epoch`, or None when it is the first."""
    return max((e for e in run.epochs.get(split, ()) if e < epoch), default=None)


def epoch_files(run: Run, split: str, epoch: int) -> list[Path]:
    """The file of `epoch` and that of the epoch logged before it, if any."""
    before = epoch_before(run, split, epoch)
    return [run.predictions(split, e) for e in (before, epoch) if e is not None]


# --- all samples of a split, for the gallery ------------------------------------------------


def tiles(run: Run, split: str) -> pa.Table:
    """Where each picture is, by rising index: index, sheet, tile, tile_width, tile_height, reduced (0, 1)."""
    return engine.query(
        """select "index", sheet, tile, tile_width, tile_height,
                  case when original is not null then 1 else 0 end as reduced
           from samples order by "index" """,
        samples=run.samples.get(split, ()),
    )


def sources(run: Run, split: str) -> list[str | None]:
    """Where each sample came from, in the order of `tiles`; None when the logger was not told."""
    table = engine.query('select source from samples order by "index"', samples=run.samples.get(split, ()))
    found: list[str | None] = table.column("source").to_pylist()
    return found


def outcomes(run: Run, split: str, epoch: int) -> pa.Table:
    """One epoch, by rising index: index, label, predicted, confidence, loss, margin, verdict, changed."""
    sql = """select "index", label, predicted, confidence, loss, margin, verdict, changed
             from filterable order by "index" """
    return _rows(run, split, epoch, sql, samples=False)


def _over_epochs(sql: str, files: Sequence[Path], values: dict[str, Any] | None = None) -> pa.Table:
    """A question asked of many epochs: of those that can be read, where a file among them is damaged."""
    try:
        return engine.query(sql, values, predictions=files)
    except engine.ReadError:
        return engine.query(sql, values, predictions=[file for file in files if _can_read(file)])


def _can_read(file: Path) -> bool:
    try:
        engine.query("select count(loss) from predictions", predictions=[file])
    except engine.ReadError:
        return False
    return True


def times_forgotten(run: Run, split: str, epoch: int) -> pa.Table:
    """How often each sample was correct at one logged epoch and not at the next, up to `epoch`.

    Columns index and forgotten, by rising index. Toneva et al., "An Empirical Study of Example
    Forgetting during Deep Neural Network Learning", 2019; an invalid output counts as forgotten.
    """
    return _over_epochs(
        f"""select "index", count(case when was = 'correct' and verdict in ('wrong', 'invalid')
                                     then 1 end) as forgotten
            from (select "index", verdict, lag(verdict) over (partition by "index" order by epoch) as was
                  from (select "index", epoch, {VERDICT} as verdict from predictions) as judged) as steps
            group by "index" order by "index" """,
        prediction_files(run, split, up_to=epoch),
    )


# --- the filtered samples --------------------------------------------------------------------


FILTERED_COLUMNS = (
    *("index", "label", "predicted", "confidence", "loss", "margin", "verdict", "was", "changed"),
    *("digest", "sheet", "tile", "tile_width", "tile_height", "width", "height", "original", "source"),
)
"""What `filtered` gives; `was` is the class predicted at the epoch logged before, `changed` is 0 or 1."""


def count_filtered(run: Run, split: str, epoch: int, chosen: Filter) -> int:
    """How many samples of the epoch meet the filter."""
    condition, values = chosen.sql()
    sql = f"select count(*) as n from filterable where {condition}"
    table = _rows(run, split, epoch, sql, values, tags=_tags(run, chosen))
    return int(table.column("n")[0].as_py())


def filtered(run: Run, split: str, epoch: int, chosen: Filter) -> pa.Table:
    """Every column of ROWS for the samples that meet the filter, by rising index."""
    condition, values = chosen.sql()
    columns = ", ".join(f'"{name}"' for name in FILTERED_COLUMNS)
    sql = f'select {columns} from filterable where {condition} order by "index"'
    return _rows(run, split, epoch, sql, values, tags=_tags(run, chosen))


def _tags(run: Run, chosen: Filter) -> list[tuple[str, str]]:
    return annotations_of(run).tagged() if chosen.tag else []


def _rows(
    run: Run,
    split: str,
    epoch: int,
    sql: str,
    values: dict[str, Any] | None = None,
    *,
    samples: bool = True,
    tags: Sequence[tuple[str, str]] = (),
) -> pa.Table:
    """A question asked of ROWS. Where the epoch before cannot be read, nothing counts as changed: as at the first."""

    def ask(before: int | None) -> pa.Table:
        return engine.query(
            ROWS + sql,
            {**(values or {}), "epoch": epoch, "before": before},
            samples=run.samples.get(split, ()) if samples else (),
            predictions=[run.predictions(split, e) for e in (before, epoch) if e is not None],
            tags=tags,
        )

    before = epoch_before(run, split, epoch)
    try:
        return ask(before)
    except engine.ReadError:
        if before is None:
            raise
        return ask(None)


# --- tags and notes --------------------------------------------------------------------------


def digests(run: Run, split: str) -> list[str | None]:
    """The digest of each sample, in the order of `tiles`; None when its pixels were not stored."""
    table = engine.query('select digest from samples order by "index"', samples=run.samples.get(split, ()))
    found: list[str | None] = table.column("digest").to_pylist()
    return found


def places(run: Run, split: str, wanted: Sequence[str]) -> list[tuple[str, int]]:
    """Pairs of digest and index, by rising index, of the samples that have one of the `wanted` digests."""
    found = engine.rows(
        """select digest, "index" from samples where digest in (select digest from tags) order by "index" """,
        samples=run.samples.get(split, ()),
        tags=[(digest, "") for digest in wanted],
    )
    return [(row["digest"], row["index"]) for row in found]


# --- one sample ------------------------------------------------------------------------------


def sample(run: Run, split: str, index: int) -> dict[str, Any] | None:
    """The row of one sample in the samples file, or None when there is none."""
    found = engine.rows(
        'select * from samples where "index" = $index', {"index": index}, samples=run.samples.get(split, ())
    )
    return found[0] if found else None


def prediction(run: Run, split: str, epoch: int, index: int) -> dict[str, Any] | None:
    """The row of one sample at one epoch, with verdict and margin; None when it was not predicted then."""
    found = engine.rows(
        f"""select *, log_prob_label - log_prob_other as margin, {VERDICT} as verdict
            from predictions where "index" = $index""",
        {"index": index},
        predictions=[run.predictions(split, epoch)],
    )
    return found[0] if found else None


def history(run: Run, split: str, index: int) -> list[dict[str, Any]]:
    """One sample over its epochs: epoch, predicted, confidence, probability (of its label), verdict.

    An epoch whose file is damaged is left out.
    """
    found: list[dict[str, Any]] = _over_epochs(
        f"""select epoch, predicted, confidence, exp(log_prob_label) as probability, {VERDICT} as verdict
            from predictions where "index" = $index order by epoch""",
        prediction_files(run, split),
        {"index": index},
    ).to_pylist()
    return found


def same_picture(run: Run, digest: str) -> list[dict[str, Any]]:
    """Samples of a run whose stored pixels are the same: split and index, in the order of the splits."""
    return [
        {"split": split, "index": row["index"]}
        for split, files in run.samples.items()
        for row in engine.rows(
            'select "index" from samples where digest = $digest order by "index"',
            {"digest": digest},
            samples=files,
        )
    ]


# --- a split over its epochs -------------------------------------------------------------------


def epoch_totals(run: Run, split: str, epochs: tuple[int, ...]) -> list[dict[str, Any]]:
    """Per epoch, in order: epoch, samples, how many of each verdict, how many labelled, and two means.

    `loss` (in nats) and `sure` (the confidence) are None where no sample has one. An epoch whose file is
    damaged is left out.
    """
    counted = ", ".join(
        f"count(case when verdict = '{verdict}' then 1 end) as {verdict}"
        for verdict in ("correct", "wrong", "unlabelled", "invalid")
    )
    found: list[dict[str, Any]] = _over_epochs(
        f"""select epoch, count(*) as samples, {counted},
                   count(label) as labelled, avg(loss) as loss, avg(confidence) as sure
            from (select epoch, label, loss, confidence, {VERDICT} as verdict from predictions) as judged
            group by epoch order by epoch""",
        [run.predictions(split, epoch) for epoch in epochs],
    ).to_pylist()
    return found


def most_confused(run: Run, split: str, epoch: int) -> dict[str, Any] | None:
    """Label and predicted that most wrong samples share, and how many `samples`; None without mistakes."""
    found = engine.rows(
        f"""select label, predicted, count(*) as samples from predictions where {VERDICT} = 'wrong'
            group by label, predicted order by samples desc, label, predicted limit 1""",
        predictions=[run.predictions(split, epoch)],
    )
    return found[0] if found else None


def pair_counts(run: Run, split: str, epochs: tuple[int, ...], label: int, predicted: int) -> list[int]:
    """Per epoch, in order, how many samples of `label` were predicted as `predicted`."""
    found = _over_epochs(
        """select epoch, count(case when label = $label and predicted = $predicted then 1 end) as samples
           from predictions group by epoch order by epoch""",
        [run.predictions(split, epoch) for epoch in epochs],
        {"label": label, "predicted": predicted},
    )
    samples: list[int] = found.column("samples").to_pylist()
    return samples


# --- the confusion matrix --------------------------------------------------------------------


def confusion_cells(file: Path) -> pa.Table:
    """A predictions file, a row for each label and predicted that occur: label, predicted, count.

    `label` is null for unlabelled samples; `predicted` is -1 for invalid outputs.
    """
    return engine.query(
        """select label, predicted, count(*) as count from predictions
           group by label, predicted order by label, predicted""",
        predictions=[file],
    )
