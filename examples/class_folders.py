"""Pictures in folders named after their classes -> arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".webp"}


def read_class_folders(folder: Path, side: int) -> tuple[Any, Any, list[str], list[str]]:
    """Images (N, side, side, 3) uint8, labels (N,) int64, class names (sorted) and paths.

    `folder` holds one folder of pictures for each class, or one folder that does. Pictures of another size are
    resized. Raises SystemExit with one sentence when there are none.
    """
    inner = [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    if len(inner) == 1 and any(path.is_dir() for path in inner[0].iterdir()):
        return read_class_folders(inner[0], side)
    names = sorted(path.name for path in inner)
    files = [(path, label) for label, name in enumerate(names) for path in sorted((folder / name).iterdir())]
    files = [(path, label) for path, label in files if path.suffix.lower() in SUFFIXES]
    if not files:
        raise SystemExit(f"{folder} must hold one folder of pictures for each class; found no picture there.")
    images = np.empty((len(files), side, side, 3), np.uint8)
    for row, (path, _) in enumerate(files):
        with Image.open(path) as picture:
            picture = picture.convert("RGB")
            images[row] = picture if picture.size == (side, side) else picture.resize((side, side))
    return images, np.array([label for _, label in files]), names, [str(path) for path, _ in files]
