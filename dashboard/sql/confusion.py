"""Questions about the confusion matrix: how many samples of each label were predicted as each class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from dashboard.catalogue.runs import Run
from dashboard.sql import engine
from dashboard.sql.predictions import VERDICT


def confusion_cells(file: Path) -> pa.Table:
    """A predictions file, a row for each label and predicted that occur: label, predicted, count.

    `label` is null for unlabelled samples; `predicted` is -1 for invalid outputs.
    """
    return engine.query(
        """select label, predicted, count(*) as count from predictions
           group by label, predicted order by label, predicted""",
        predictions=[file],
    )


def most_confused(run: Run, split: str, epoch: int) -> dict[str, Any] | None:
    """Label and predicted that most wrong samples share, and how many `samples`; None without mistakes."""
    found = engine.rows(
        f"""select label, predicted, count(*) as samples from predictions where {VERDICT} = 'wrong'
            group by label, predicted order by samples desc, label, predicted limit 1""",
        predictions=[run.predictions(split, epoch)],
    )
    return found[0] if found else None
