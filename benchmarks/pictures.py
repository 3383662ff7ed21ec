"""The pictures that benchmarks run on: real ones from a folder of class folders, or made ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def load(folder: Path | None, n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, str]:
    """(n, 32, 32, 3) uint8 pictures, (n,) labels of 10 classes, and words on where they are from."""
    rng = np.random.default_rng(seed)
    if folder is not None:
        found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
        names = sorted({path.parent.name for path in found})
        picked = [found[i] for i in rng.permutation(len(found))[:n]]
        pictures = np.stack([np.asarray(Image.open(path).convert("RGB").resize((32, 32))) for path in picked])
        labels = np.array([names.index(path.parent.name) for path in picked])
        return pictures, labels, f"{len(picked):,} real pictures of {folder.name}"
    # Smooth with a little noise, so that they compress about as photographs do.
    coarse = rng.integers(0, 256, (n, 6, 6, 3), dtype=np.uint8)
    smooth = np.stack([np.asarray(Image.fromarray(c).resize((32, 32), Image.Resampling.BICUBIC)) for c in coarse])
    noisy = smooth + rng.normal(0, 9, smooth.shape)
    return noisy.clip(0, 255).astype(np.uint8), rng.integers(0, 10, n), f"{n:,} made pictures"


def predictions(labels: np.ndarray, epoch: int, classes: int = 10) -> np.ndarray:
    """Plausible probabilities (n, classes) float32 that get better with the epochs."""
    rng = np.random.default_rng(epoch)
    logits = rng.normal(size=(len(labels), classes)).astype(np.float32) * 1.5
    logits[np.arange(len(labels)), labels] += 0.5 + 0.8 * np.log1p(epoch)
    odds = np.exp(logits)
    return odds / odds.sum(axis=1, keepdims=True)
