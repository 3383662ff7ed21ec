"""Questions about the confusion matrix: how many samples of each label were predicted as each class."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from dashboard.catalogue.runs import Run
from dashboard.sql import engine
from dashboard.sql.epochs import over_epochs
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


def epoch_cells(run: Run, split: str, epochs: tuple[int, ...]) -> pa.Table:
    """The cells of several epochs: epoch, label, predicted, verdict, count, and sums of what is known of their samples.

    `loss` and `confidence` are sums over `losses` and `confidences` samples, null without any. An epoch whose file is
    damaged is left out.
    """
    return over_epochs(
        f"""select epoch, label, predicted, {VERDICT} as verdict, count(*) as count, sum(loss) as loss,
                   count(loss) as losses, sum(confidence) as confidence, count(confidence) as confidences
            from predictions group by epoch, label, predicted order by epoch, label, predicted""",
        [run.predictions(split, epoch) for epoch in epochs],
    )
