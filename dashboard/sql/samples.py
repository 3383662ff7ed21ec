"""Questions about the samples of a split: where their pictures are, where they came from, which are the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from dashboard.catalogue.runs import Run
from dashboard.sql import engine


def tiles(run: Run, split: str) -> pa.Table:
    """Where each picture is, by rising index: index, sheet, tile, tile_width, tile_height, reduced (0, 1)."""
    return engine.query(
        """select "index", sheet, tile, tile_width, tile_height,
                  case when original is not null then 1 else 0 end as reduced
           from samples order by "index" """,
        samples=run.samples.get(split, ()),
    )


def sources(run: Run, split: str) -> list[str | None]:
    """Where each sample came from, in the order of `tiles`; None when it was not logged."""
    table = engine.query('select source from samples order by "index"', samples=run.samples.get(split, ()))
    found: list[str | None] = table.column("source").to_pylist()
    return found


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


def sample(run: Run, split: str, index: int) -> dict[str, Any] | None:
    """The row of one sample in the samples file, or None when there is none."""
    found = engine.rows(
        'select * from samples where "index" = $index', {"index": index}, samples=run.samples.get(split, ())
    )
    return found[0] if found else None


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
