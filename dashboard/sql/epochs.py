"""Questions about a split over its epochs. An epoch whose file is damaged is left out of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from dashboard.catalogue.runs import Run
from dashboard.sql import engine
from dashboard.sql.predictions import VERDICT


def history(run: Run, split: str, index: int) -> list[dict[str, Any]]:
    """One sample over its epochs: epoch, predicted, confidence, probability (of its label), verdict.

    An epoch whose file is damaged is left out.
    """
    found: list[dict[str, Any]] = over_epochs(
        f"""select epoch, predicted, confidence, exp(log_prob_label) as probability, {VERDICT} as verdict
            from predictions where "index" = $index order by epoch""",
        run.prediction_files(split),
        {"index": index},
    ).to_pylist()
    return found


def times_forgotten(run: Run, split: str, epoch: int) -> pa.Table:
    """How often each sample was correct at one logged epoch and not at the next, up to `epoch`.

    Columns index and forgotten, by rising index. Toneva et al., "An Empirical Study of Example
    Forgetting during Deep Neural Network Learning", 2019; an invalid output counts as forgotten.
    """
    return over_epochs(
        f"""select "index", count(case when was = 'correct' and verdict in ('wrong', 'invalid')
                                     then 1 end) as forgotten
            from (select "index", verdict, lag(verdict) over (partition by "index" order by epoch) as was
                  from (select "index", epoch, {VERDICT} as verdict from predictions) as judged) as steps
            group by "index" order by "index" """,
        run.prediction_files(split, up_to=epoch),
    )


def over_epochs(sql: str, files: Sequence[Path], values: dict[str, Any] | None = None) -> pa.Table:
    """The answer over the files of several epochs; if one of them is damaged, over those that can be read."""
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
