"""Every convention for pixels x every convention for labels and outputs, read back from the files.

The pixels come from one random 32x32 image whose mean is 126.9; expected numbers are written out, not computed
with the code under test.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from logger import Run, schema

N = 4
SHAPE = (N, 32, 32, 3)
BASE = np.stack([np.random.default_rng(seed).integers(0, 256, (32, 32, 3), np.uint8) for seed in range(N)])
DARK = (BASE > 200).astype(np.uint8)
BRIGHT = BASE > 127
Array = Any


@dataclass(frozen=True)
class Pixels:
    """How a batch is handed over, the rule it must be shown by, and the mean of the first image on its sheet."""

    given: Callable[[], Array]
    rule: str
    mean: float
    shown: Callable[[], Array] | None = lambda: BASE
    """The exact pixels (N, H, W[, C]) that must be on the sheet; None where colours are rescaled."""


def _with_nan_row() -> Array:
    images = BASE / np.float32(255)
    images[0, 5] = np.nan
    return images


def _without_row() -> Array:
    images = BASE.copy()
    images[0, 5] = 0
    return images


def _rgba() -> Array:
    return np.concatenate([BASE, np.where(BASE[..., :1] > 64, np.uint8(255), BASE[..., :1])], axis=3)


PIXELS = {
    "uint8 HWC": Pixels(lambda: BASE, "as is", 126.88),
    "float [0,1]": Pixels(lambda: BASE / np.float32(255), "[0, 1]", 126.88),
    "float64 [0,1]": Pixels(lambda: BASE / 255, "[0, 1]", 126.88),
    "float16 [0,1]": Pixels(lambda: (BASE / 255).astype(np.float16), "[0, 1]", 126.88),
    "float [-1,1]": Pixels(lambda: BASE / np.float32(127.5) - 1, "[-1, 1]", 126.88),
    "float [0,255]": Pixels(lambda: BASE.astype(np.float32), "[0, 255]", 126.88),
    "standardised": Pixels(lambda: ((BASE - 127.5) / 73.9).astype(np.float32), "rescaled", 126.8, None),
    "gray HxW": Pixels(lambda: BASE[..., 0], "as is", 126.90, lambda: BASE[..., 0]),
    "gray HxWx1": Pixels(lambda: BASE[..., :1] / np.float32(255), "[0, 1]", 126.90, lambda: BASE[..., 0]),
    "CHW": Pixels(lambda: BASE.transpose(0, 3, 1, 2), "as is", 126.88),
    "CHW float": Pixels(lambda: BASE.transpose(0, 3, 1, 2) / np.float32(255), "[0, 1]", 126.88),
    "RGBA": Pixels(_rgba, "as is", 144.33, _rgba),
    "2 channels": Pixels(lambda: BASE[..., :2], "as is", 126.90, lambda: BASE[..., 0]),
    "5 channels": Pixels(lambda: np.concatenate([BASE, BASE[..., :2]], axis=3), "as is", 126.88),
    "height 1": Pixels(lambda: BASE[:, :1], "as is", 130.70, lambda: BASE[:, :1]),
    "bool mask": Pixels(lambda: BRIGHT, "0 or 1", 128.08, lambda: BRIGHT * 255),
    "int64 0 and 1": Pixels(lambda: BRIGHT.astype(np.int64), "0 or 1", 128.08, lambda: BRIGHT * 255),
    "int64 0-255": Pixels(lambda: BASE.astype(np.int64), "as is", 126.88),
    "uint16": Pixels(lambda: BASE * np.uint16(257), "16 bit", 126.88),
    "constant 0.5": Pixels(lambda: np.full(SHAPE, 0.5), "[0, 1]", 128.0, lambda: np.full(SHAPE, 128)),
    "one NaN row": Pixels(_with_nan_row, "[0, 1]", 123.00, _without_row),
    "uint8 nearly black": Pixels(lambda: DARK, "as is", 0.21, lambda: DARK),
    "a list of arrays": Pixels(lambda: list(BASE), "as is", 126.88),
}

P = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.5, 0.25, 0.25], [0.25, 0.5, 0.25]])
Y = np.array([0, 1, 2, 0])
ONE_HOT = np.eye(3)[Y]
BINARY_P = np.array([0.2, 0.9, 0.4, 0.75])
BINARY_Y = np.array([0, 1, 1, 0])
NAN = float("nan")
LOSS = [0.2231, 0.2231, 1.3863, 1.3863]
BINARY_LOSS = [0.2231, 0.1054, 0.9163, 1.3863]
VERDICTS = ["correct", "correct", "wrong", "wrong"]


@dataclass(frozen=True)
class Outputs:
    """Arguments of `log_predictions`, and what must be in the files."""

    given: dict[str, Any]
    kind: str = "probabilities"
    labels: list[int | None] = field(default_factory=lambda: Y.tolist())
    predicted: list[int] = field(default_factory=lambda: [0, 1, 0, 1])
    loss: list[float | None] = field(default_factory=lambda: list(LOSS))
    verdicts: list[str] = field(default_factory=lambda: list(VERDICTS))
    confidence: float = 0.8
    """Of the first sample."""


def _binary(outputs: Array, labels: Array = BINARY_Y, kind: str = "sigmoid", name: str = "probabilities") -> Outputs:
    given = {name: outputs, "labels": labels}
    return Outputs(given, kind, BINARY_Y.tolist(), [0, 1, 0, 1], BINARY_LOSS, VERDICTS)


def _with_row(row: Array) -> Array:
    return np.concatenate([P[:1], [row], P[2:]])


_INVALID = {
    "predicted": [0, -1, 0, 1],
    "loss": [LOSS[0], None, LOSS[2], LOSS[3]],
    "verdicts": ["correct", "invalid", "wrong", "wrong"],
}
_UNKNOWN: list[Any] = [None] * N
LOGITS = (np.log(P) + 3).astype(np.float32)
BINARY_LOGITS = np.log(BINARY_P / (1 - BINARY_P))
OUTPUTS = {
    "sparse": Outputs({"labels": Y, "probabilities": P}),
    "sparse (N, 1)": Outputs({"labels": Y[:, None], "probabilities": P}),
    "sparse float": Outputs({"labels": Y.astype(np.float32), "probabilities": P}),
    "sparse uint8": Outputs({"labels": Y.astype(np.uint8), "probabilities": P}),
    "sparse list": Outputs({"labels": Y.tolist(), "probabilities": P.tolist()}),
    "one-hot": Outputs({"labels": ONE_HOT, "probabilities": P}),
    "one-hot int": Outputs({"labels": ONE_HOT.astype(int), "probabilities": P}),
    "soft labels": Outputs(
        {"labels": ONE_HOT * 0.9 + 0.1 / 3, "probabilities": P}, loss=[0.3618, 0.3618, 1.3632, 1.3632]
    ),
    "logits, as such": Outputs({"labels": Y, "logits": LOGITS}, "logits"),
    "logits, unsaid": Outputs({"labels": Y, "probabilities": LOGITS}, "logits"),
    "logits and one-hot": Outputs({"labels": ONE_HOT, "logits": LOGITS}, "logits"),
    "scores of sigmoids": Outputs({"labels": Y, "probabilities": P * 0.5}, "scores"),
    "float16": Outputs({"labels": Y, "probabilities": P.astype(np.float16)}),
    "sigmoid (N,)": _binary(BINARY_P),
    "sigmoid (N, 1)": _binary(BINARY_P[:, None]),
    "sigmoid, labels (N, 1)": _binary(BINARY_P[:, None], BINARY_Y[:, None].astype(np.float32)),
    "sigmoid logit": _binary(BINARY_LOGITS[:, None], kind="sigmoid_logits", name="logits"),
    "sigmoid logit, unsaid": _binary(BINARY_LOGITS, kind="sigmoid_logits"),
    "two units": _binary(np.stack([1 - BINARY_P, BINARY_P], axis=1), kind="probabilities"),
    "softmax of one unit": Outputs(
        {"labels": BINARY_Y, "probabilities": np.ones((N, 1))}, "sigmoid", BINARY_Y.tolist(), [1] * N,
        [16.118, 0.0, 0.0, 16.118], ["wrong", "correct", "correct", "wrong"], 1.0,
    ),
    "a NaN row": Outputs({"labels": Y, "probabilities": _with_row([NAN, 0.5, 0.5])}, **_INVALID),
    "an infinite logit row": Outputs(
        {"labels": Y, "logits": np.concatenate([LOGITS[:1], [[np.inf, 0, 0]], LOGITS[2:]])}, "logits", **_INVALID
    ),
    "unlabelled": Outputs({"probabilities": P}, labels=_UNKNOWN, loss=_UNKNOWN, verdicts=["unlabelled"] * N),
    "labels -1": Outputs(
        {"labels": [0, -1, 2, 0], "probabilities": P}, labels=[0, None, 2, 0], loss=[LOSS[0], None, *LOSS[2:]],
        verdicts=["correct", "unlabelled", "wrong", "wrong"],
    ),
    "labels NaN": Outputs(
        {"labels": np.array([0, NAN, 2, 0]), "probabilities": P}, labels=[0, None, 2, 0],
        loss=[LOSS[0], None, *LOSS[2:]], verdicts=["correct", "unlabelled", "wrong", "wrong"],
    ),
    "label past the classes": Outputs(
        {"labels": [0, 17, 2, 0], "probabilities": P}, labels=[0, 17, 2, 0], loss=[LOSS[0], None, *LOSS[2:]],
        verdicts=["correct", "wrong", "wrong", "wrong"],
    ),
    "weight 0": Outputs(
        {"labels": Y, "probabilities": P, "weights": [1, 0, 1, 2]}, labels=[0, None, 2, 0],
        loss=[LOSS[0], None, *LOSS[2:]], verdicts=["correct", "unlabelled", "wrong", "wrong"],
    ),
}  # fmt: skip


def logged(folder: Path, images: Array, given: dict[str, Any]) -> Path:
    """The folder of a run that logged these images and outputs once."""
    with Run(folder, "conventions") as run:
        run.log_predictions(0, images, **given)
    return run.path


def check_pixels(run: Path, expected: Pixels) -> None:
    """What is on the sheet is what was given, and run.json says by which rule."""
    info = schema.RunInfo.decode((run / schema.RUN_FILE).read_text())
    assert info.display["rule"] == expected.rule
    first, tiles = tiles_of(run, info.splits["val"])
    assert first.mean() == pytest.approx(expected.mean, abs=0.06 if expected.shown else 1.0)
    if expected.shown is not None:
        exact = expected.shown()
        for tile, image in zip(tiles, exact, strict=True):
            np.testing.assert_array_equal(tile, _as_drawn(image, tile))


def _as_drawn(image: Array, tile: Array) -> Array:
    return np.stack([image] * 3, axis=-1) if image.ndim == 2 and tile.ndim == 3 else image


def tiles_of(run: Path, info: schema.SplitInfo) -> tuple[Array, list[Array]]:
    """The first image, and all, cut out of their sheets in the order of their indices."""
    rows = pq.read_table(run / schema.samples_file("val", 0), partitioning=None).to_pylist()
    tiles = []
    for row in sorted(rows, key=lambda row: row["index"]):
        sheet = np.asarray(Image.open(run / schema.sheet_file("val", row["sheet"])))
        top, left = (row["tile"] // info.columns) * info.cell, (row["tile"] % info.columns) * info.cell
        tiles.append(sheet[top : top + row["tile_height"], left : left + row["tile_width"]])
    return tiles[0], tiles


def check_outputs(run: Path, expected: Outputs) -> None:
    """Labels, predictions, losses and verdicts in the files are the expected ones."""
    table = pq.read_table(run / schema.predictions_file("val", 0), partitioning=None).to_pylist()
    assert json.loads((run / schema.RUN_FILE).read_text())["output"]["kind"] == expected.kind
    assert [row["label"] for row in table] == expected.labels
    assert [row["predicted"] for row in table] == expected.predicted
    assert [verdict(row) for row in table] == expected.verdicts
    assert table[0]["confidence"] == pytest.approx(expected.confidence, abs=1e-3)
    for row, loss in zip(table, expected.loss, strict=True):
        assert row["loss"] == (None if loss is None else pytest.approx(loss, abs=2e-3))


def verdict(row: dict[str, Any]) -> str:
    """The rule of docs/run-folder.md in words of its own."""
    if row["predicted"] == schema.INVALID:
        return "invalid"
    if row["label"] is None:
        return "unlabelled"
    return "correct" if row["label"] == row["predicted"] else "wrong"


def _matters(pixels: str, outputs: str) -> bool:
    """All outputs with two kinds of pixels, all pixels with three kinds of outputs."""
    return pixels in ("uint8 HWC", "standardised") or outputs in ("sparse", "logits and one-hot", "sigmoid (N, 1)")


CASES = [
    pytest.param(x, y, id=f"{x} / {y}", marks=() if _matters(x, y) else pytest.mark.slow)
    for x in PIXELS
    for y in OUTPUTS
]


@pytest.mark.parametrize(("pixels", "outputs"), CASES)
def test_a_convention_is_read_back_as_it_was_meant(tmp_path: Path, pixels: str, outputs: str) -> None:
    run = logged(tmp_path, PIXELS[pixels].given(), OUTPUTS[outputs].given)
    check_pixels(run, PIXELS[pixels])
    check_outputs(run, OUTPUTS[outputs])


def test_the_table_has_at_least_sixty_cases() -> None:
    assert len(CASES) >= 60
