"""Statistics of inputs as they were given: one row per sample, and one fingerprint per split."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import Array, Group

CHUNK_BYTES = 1 << 20
"""Images are read in pieces of about this size, which a core's cache holds."""
_PERCENTILE_VALUES = 200_000
_FINGERPRINT_SAMPLES = 1_000


def chunks(images: Array) -> Iterable[slice]:
    """Slices over the first axis of about CHUNK_BYTES each, at least one image."""
    step = max(1, CHUNK_BYTES // max(1, images[:1].nbytes))
    return (slice(i, min(i + step, len(images))) for i in range(0, len(images), step))


def sample_statistics(images: Array) -> dict[str, Array]:
    """Per image of (n, H, W, C): `min`, `max`, `mean`, `std` (n,) float32 of its finite values, and `nonfinite`
    (n,) int32, how many are not."""
    n = len(images)
    out: dict[str, Array] = {k: np.empty(n, np.float32) for k in ("min", "max", "mean", "std")}
    out["nonfinite"] = np.zeros(n, np.int32)
    for at in chunks(images):
        _fill(out, at, images[at].reshape(at.stop - at.start, -1))
    return out


def _fill(out: dict[str, Array], at: slice, flat: Array) -> None:
    size = flat.shape[1]
    if size == 0:
        for k in ("min", "max", "mean", "std"):
            out[k][at] = np.nan
        return
    values = flat if flat.dtype in (np.uint8, np.float32) else flat.astype(np.float32)
    low, high = values.min(axis=1), values.max(axis=1)
    if values.dtype == np.uint8:
        values = values.astype(np.float32)
    if not (np.isfinite(low) & np.isfinite(high)).all():
        _fill_finite_only(out, at, values)
        return
    # Around the image's own minimum, so that large offsets do not eat the digits of the variance.
    shifted = values - low.astype(np.float32)[:, None]
    mean = shifted.mean(axis=1)
    square = np.einsum("ij,ij->i", shifted, shifted) / np.float32(size)
    out["min"][at], out["max"][at], out["mean"][at] = low, high, mean + low
    out["std"][at] = np.sqrt(np.maximum(square - mean * mean, 0))


def _fill_finite_only(out: dict[str, Array], at: slice, values: Array) -> None:
    for row, i in zip(values, range(at.start, at.stop), strict=True):
        finite = row[np.isfinite(row)]
        out["nonfinite"][i] = row.size - finite.size
        some = finite.size > 0
        out["min"][i], out["max"][i] = (finite.min(), finite.max()) if some else (np.nan, np.nan)
        out["mean"][i], out["std"][i] = (finite.mean(), finite.std()) if some else (np.nan, np.nan)


def value_range(rows: Iterable[dict[str, Array]]) -> tuple[float, float]:
    """Smallest and largest finite value over the rows of `sample_statistics`; NaN when there is none."""
    low, high = np.nan, np.nan
    for row in rows:
        if np.isfinite(row["min"]).any():
            low, high = np.fmin(low, np.nanmin(row["min"])), np.fmax(high, np.nanmax(row["max"]))
    return float(low), float(high)


def pooled_percentiles(groups: list[Group], percents: tuple[float, ...]) -> list[float]:
    """Percentiles of all values of all groups, over an even pick of at most 200,000 of them."""
    values = np.concatenate([_pick(group.pixels) for group in groups])
    return [float(p) for p in np.percentile(values, percents)] if len(values) else [0.0, 1.0]


def _pick(array: Array) -> NDArray[np.float32]:
    # Whole images, evenly spaced: a stride over the flat values would see one channel only.
    per_image = max(1, array[:1].size)
    images = array[:: max(1, len(array) * per_image // _PERCENTILE_VALUES)]
    flat = images.astype(np.float32).ravel()
    return flat[np.isfinite(flat)]


def fingerprint(groups: list[Group], rows: list[dict[str, Array]]) -> dict[str, Any]:
    """What went in, pooled over a split: whole-split numbers, and per channel over at most 1,000 samples.

    Keys: `dtype`, `shapes` (distinct "HxWxC", at most 10), `samples`, `min`, `max`, `mean`, `nonfinite`
    (values), `constant` (share of images with one value only), and `channels`: a list of
    {min, p1, mean, std, p99, max}.
    """
    low, high = value_range(rows)
    means = np.concatenate([row["mean"] for row in rows])
    spread = np.concatenate([row["max"] - row["min"] for row in rows])
    total = len(means)
    shapes = ["x".join(map(str, group.pixels.shape[1:])) for group in groups[:10]]
    return {
        "dtype": str(groups[0].pixels.dtype),
        "shapes": shapes,
        "samples": total,
        "min": low,
        "max": high,
        "mean": float(np.nanmean(means)) if np.isfinite(means).any() else None,
        "nonfinite": int(sum(int(row["nonfinite"].sum()) for row in rows)),
        "constant": float((spread == 0).mean()) if total else 0.0,
        "channels": [_channel(groups, c) for c in range(groups[0].pixels.shape[-1])] if total else [],
    }


def _channel(groups: list[Group], channel: int) -> dict[str, float]:
    picks = []
    total = sum(len(group.pixels) for group in groups)
    step = max(1, total // _FINGERPRINT_SAMPLES)
    for group in groups:
        if channel < group.pixels.shape[-1]:
            picks.append(group.pixels[::step, ..., channel].astype(np.float32).ravel())
    values = np.concatenate(picks)
    values = values[np.isfinite(values)]
    if not len(values):
        return {}
    thin = values[:: max(1, len(values) // _PERCENTILE_VALUES)]
    p1, p99 = np.percentile(thin, (1, 99))
    numbers = {"min": values.min(), "p1": p1, "mean": values.mean(dtype=np.float64)}
    numbers |= {"std": values.std(dtype=np.float64), "p99": p99, "max": values.max()}
    return {k: float(v) for k, v in numbers.items()}
