"""What the names of metrics mean: which way is better, which belong together, which stand for a run."""

from __future__ import annotations

import re

import pandas as pd

_SPLITS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "eval", "dev"), "val"),
    **dict.fromkeys(("test", "testing"), "test"),
}
"""The split, by the prefix that frameworks put before a metric's name."""
_PREFIX = re.compile(rf"({'|'.join(_SPLITS)})[_/.:-](.+)", re.IGNORECASE)
_FALLING = ("loss", "error", "mse", "mae", "rmse", "mape", "perplexity", "entropy", "divergence", "brier", "ece")
_RISING = ("acc", "auc", "f1", "fscore", "precision", "recall", "iou", "dice", "score", "map", "kappa", "mcc", "r2")


def direction(name: str) -> int:
    """+1 when a higher value of the metric is better, -1 when a lower one is, 0 when its name does not say."""
    words = base_name(name).lower()
    if any(word in words for word in _FALLING):
        return -1
    return 1 if any(word in words for word in _RISING) else 0


def split_of(name: str) -> str:
    """The split in a metric's name: val in `val_loss` and `valid/loss`, train in `loss` and `train/loss`."""
    found = _PREFIX.match(name)
    return _SPLITS[found[1].lower()] if found else "train"


def base_name(name: str) -> str:
    """The name without its split: `val_loss`, `valid/loss` and `loss` are all `loss`."""
    found = _PREFIX.match(name)
    return found[2] if found else name


def per_epoch(frame: pd.DataFrame, name: str) -> pd.Series:
    """The last value of metric `name` at each epoch, indexed by epoch (from 0), rising."""
    rows = frame[(frame["name"] == name) & frame["epoch"].notna() & frame["step"].isna()]
    if rows.empty:
        rows = frame[(frame["name"] == name) & frame["epoch"].notna()]
    values = rows.drop_duplicates("epoch", keep="last").set_index("epoch")["value"]
    return values.sort_index()


def main_metrics(frame: pd.DataFrame) -> tuple[str | None, str | None]:
    """The names of the accuracy-like and of the loss-like metric that stand for the run; val before train."""
    names = list(dict.fromkeys(frame["name"]))
    rising = [n for n in names if direction(n) > 0]
    falling = [n for n in names if direction(n) < 0]
    return _first(rising, "acc"), _first(falling, "loss")


def _first(names: list[str], word: str) -> str | None:
    def rank(name: str) -> tuple[bool, bool, int]:
        return (split_of(name) != "val", word not in name, len(name))

    return min(names, key=rank) if names else None


def best(values: pd.Series, way: int) -> tuple[int, float] | None:
    """The epoch (from 0) and value of the best finite value; the earliest of equals. None when there is none."""
    finite = values[values.abs() < float("inf")].dropna()
    if finite.empty or way == 0:
        return None
    at = finite.idxmax() if way > 0 else finite.idxmin()
    return int(at), float(finite[at])
