"""Questions about one epoch: what was predicted, whether that changed, and the samples that meet a filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from dashboard.catalogue.annotations import annotations_of
from dashboard.catalogue.runs import Run
from dashboard.sql import engine
from dashboard.sql.filter import Filter
from logger import schema

VERDICT = (
    f"case when predicted = {schema.INVALID} then 'invalid' when label is null then 'unlabelled' "
    "when label = predicted then 'correct' else 'wrong' end"
)
"""The SQL definition of the verdict. The order matters: an invalid output is invalid with or without a label."""

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


def outcomes(run: Run, split: str, epoch: int) -> pa.Table:
    """One epoch, by rising index: index, label, predicted, confidence, loss, margin, verdict, changed."""
    sql = """select "index", label, predicted, confidence, loss, margin, verdict, changed
             from filterable order by "index" """
    return _rows(run, split, epoch, sql, samples=False)


def prediction(run: Run, split: str, epoch: int, index: int) -> dict[str, Any] | None:
    """The row of one sample at one epoch, with verdict and margin; None when it was not predicted then."""
    found = engine.rows(
        f"""select *, log_prob_label - log_prob_other as margin, {VERDICT} as verdict
            from predictions where "index" = $index""",
        {"index": index},
        predictions=[run.predictions(split, epoch)],
    )
    return found[0] if found else None


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
    """Run a query over ROWS. Where the epoch before cannot be read nothing counts as changed, as in the first epoch."""

    def ask(before: int | None) -> pa.Table:
        return engine.query(
            ROWS + sql,
            {**(values or {}), "epoch": epoch, "before": before},
            samples=run.samples.get(split, ()) if samples else (),
            predictions=[run.predictions(split, e) for e in (before, epoch) if e is not None],
            tags=tags,
        )

    before = run.epoch_before(split, epoch)
    try:
        return ask(before)
    except engine.ReadError:
        if before is None:
            raise
        return ask(None)
