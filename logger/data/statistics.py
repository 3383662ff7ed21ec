"""Statistics of inputs before any conversion: one row per sample, and one fingerprint per split.

Inputs are read in chunks, so that they are never copied as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import Array, ImageGroup

CHUNK_BYTES = 1 << 20
"""Size of the chunks in which images are read; fits in the cache of a core."""
POOLED_VALUES = 200_000
"""Maximum size of an even sample of the values of all images."""
_FINGERPRINT_SAMPLES = 1_000


def chunks(images: Array) -> Iterable[slice]:
    """Slices of the first axis, of about CHUNK_BYTES each and at least one image."""
    step = max(1, CHUNK_BYTES // max(1, images[:1].nbytes))
    return (slice(i, min(i + step, len(images))) for i in range(0, len(images), step))


def sample_statistics(images: Array) -> dict[str, Array]:
    """Per image of (n, H, W, C): `min`, `max`, `mean` and population `std` (n,) float32 of its finite values, NaN when
    there are none; and `nonfinite` (n,) int32, the number of the others."""
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
    # Shifted by the image's minimum: a large offset would cancel the digits of the variance in float32.
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
    """The smallest and the largest finite value in the results of `sample_statistics`; NaN when there is none."""
    low, high = np.nan, np.nan
    for row in rows:
        if np.isfinite(row["min"]).any():
            low, high = np.fmin(low, np.nanmin(row["min"])), np.fmax(high, np.nanmax(row["max"]))
    return float(low), float(high)


def pooled_values(groups: Sequence[ImageGroup]) -> NDArray[np.float32]:
    """About POOLED_VALUES finite values (n,) of all groups, taken evenly over images, rows and columns."""
    share = max(1, POOLED_VALUES // max(1, len(groups)))
    parts = [_subsample(group.pixels, share) for group in groups if group.pixels.size]
    values = np.concatenate(parts) if parts else np.empty(0, np.float32)
    return values[np.isfinite(values)]


def _subsample(images: Array, most: int) -> NDArray[np.float32]:
    # Pixels are taken with all their channels: a stride over the flat values could see one channel only.
    n, height, width, channels = images.shape
    pixels = max(1, most // channels)
    count = min(n, max(1, pixels // 16))
    at = np.linspace(0, n - 1, count).round().astype(int) if count < n else slice(None)
    each = max(1, pixels // count)
    stride = max(1, int(np.ceil(np.sqrt(height * width / each))))
    return images[at, ::stride, ::stride].astype(np.float32).ravel()


def fingerprint(groups: list[ImageGroup], rows: list[dict[str, Array]]) -> dict[str, Any]:
    """Statistics of a whole split; those per channel are of at most about 1,000 of its samples.

    Keys: `dtype`, `shapes` (distinct "HxWxC", at most 10), `samples`, `min`, `max`, `mean`, `nonfinite` (number of
    values), `constant` (share of images with a single value), and `channels`: per channel {min, p1, mean, std, p99,
    max}, where the percentiles p1 and p99 are of an even sample of the values. `rows`: `sample_statistics` by group.
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


def _channel(groups: list[ImageGroup], channel: int) -> dict[str, float]:
    step = max(1, sum(len(group.pixels) for group in groups) // _FINGERPRINT_SAMPLES)
    parts = [g.pixels[::step, ..., channel : channel + 1] for g in groups if channel < g.pixels.shape[-1]]
    count, total, square, low, high, shift = 0, 0.0, 0.0, np.inf, -np.inf, None
    for images in parts:
        for at in chunks(images):
            values = images[at].astype(np.float64).ravel()
            values = values[np.isfinite(values)]
            if not len(values):
                continue
            # Shifted by one of the values: a large offset would cancel the digits of the variance.
            shift = float(values[0]) if shift is None else shift
            low, high = min(low, float(values.min())), max(high, float(values.max()))
            values -= shift
            count, total, square = count + len(values), total + float(values.sum()), square + float(values @ values)
    if shift is None:
        return {}
    mean = total / count
    pool = pooled_values([ImageGroup(np.arange(len(images)), images) for images in parts])
    p1, p99 = np.percentile(pool, (1, 99)) if len(pool) else (low, high)
    std = float(np.sqrt(max(square / count - mean * mean, 0.0)))
    return {"min": low, "p1": float(p1), "mean": mean + shift, "std": std, "p99": float(p99), "max": high}
