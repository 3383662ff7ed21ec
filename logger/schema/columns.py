"""The columns of the Parquet files: name, type and meaning of each."""

from __future__ import annotations

INVALID = -1
"""`predicted` of a sample whose output held a NaN or an infinity: never class 0."""

MAX_FULL_CLASSES = 100
"""Up to this many classes all probabilities are stored, above it the `TOP_CLASSES` highest."""
TOP_CLASSES = 10

SAMPLE_COLUMNS: dict[str, tuple[str, str]] = {
    "index": ("int32", "place of the sample in its split, from 0; the same at every epoch"),
    "digest": (
        "string",
        "BLAKE2b-128 of the stored pixels with shape and dtype, 32 hex digits; null if none",
    ),
    "input_crc32": (
        "int32",
        "CRC-32 (a signed number) of the input's bytes as given: tells samples apart whose stored pixels are the same; "
        "null when the stored pixels are those bytes",
    ),
    "label": ("int32", "truth, an index into class_names; null when unknown"),
    "sheet": ("int32", "number of the sheet that holds the tile; null when the pixels were not stored"),
    "tile": ("int32", "place of the tile on its sheet, row-major, from 0"),
    "tile_width": ("int32", "width in pixels of the picture inside its cell, from the cell's top left"),
    "tile_height": ("int32", "height in pixels of the picture inside its cell"),
    "width": ("int32", "width in pixels of the input"),
    "height": ("int32", "height in pixels of the input"),
    "channels": ("int32", "channels of the input as it was given"),
    "dtype": ("string", "dtype of the input as it was given"),
    "min": ("float32", "smallest finite value of the input as it was given"),
    "max": ("float32", "largest finite value of the input"),
    "mean": ("float32", "mean of the finite values of the input"),
    "std": ("float32", "standard deviation of the finite values of the input"),
    "nonfinite": ("int32", "how many values of the input are NaN or infinite"),
    "original": ("string", "path in the run folder of the unreduced picture; null when the tile is whole"),
    "source": ("string", "where the input came from, as the logger was told (a path, an id); null if not"),
    "weight": ("float32", "sample weight; null when none was given"),
    "soft_label": ("list<float16>", "the label as a distribution, when it was given as one; else null"),
}
PREDICTION_COLUMNS: dict[str, tuple[str, str]] = {
    "epoch": ("int32", "the epoch of the file, from 0, so that all epochs can be read as one table"),
    "index": ("int32", "the sample, as in the samples file"),
    "label": ("int32", "truth that was counted at this epoch; null when unknown or of weight 0"),
    "predicted": ("int32", "class of the highest probability; -1 when the output held NaN or infinities"),
    "confidence": ("float32", "probability of `predicted`, 0 to 1; null when invalid"),
    "loss": ("float32", "cross-entropy in nats; null when unlabelled or invalid"),
    "log_prob_label": ("float32", "natural log of the label's probability; null as loss"),
    "log_prob_other": (
        "float32",
        "natural log of the highest probability of another class than the label "
        "(than `predicted` when unlabelled); null when invalid",
    ),
    "probabilities": (
        "list<float16>",
        "all classes in order up to 100 classes, else the 10 highest, falling; null when invalid",
    ),
    "classes": ("list<int32>", "the classes of `probabilities` when there are over 100; else null"),
}

VERDICTS = ("correct", "wrong", "unlabelled", "invalid")
"""Of a prediction against its label. An output that held a NaN or an infinity is `invalid`, labelled or not."""
