"""The columns of the Parquet files: name, type and meaning of each."""

from __future__ import annotations

INVALID = -1
"""`predicted` of a sample whose output has a NaN or an infinity: never class 0."""

MAX_FULL_CLASSES = 100
"""Up to this many classes all probabilities are stored, beyond it the TOP_CLASSES highest."""
TOP_CLASSES = 10

# Numbers of lists are rounded to the precision of float16, in a type that every reader of Parquet knows.
SAMPLE_COLUMNS: dict[str, tuple[str, str]] = {
    "index": ("int32", "index of the sample in its split, from 0; the same at every epoch"),
    "digest": (
        "string",
        "BLAKE2b-128 of the displayed pixels with shape and dtype, 32 hex digits; null if none",
    ),
    "input_crc32": (
        "int32",
        "CRC-32, as a signed integer, of the bytes of the input: tells samples apart whose displayed pixels are the "
        "same; null when the displayed pixels are those bytes",
    ),
    "label": ("int32", "true class, an index into class_names; null when unknown"),
    "sheet": ("int32", "number of the sheet that holds the tile; null when the pixels were not stored"),
    "tile": ("int32", "position of the tile on its sheet, row-major, from 0"),
    "tile_width": ("int32", "width in pixels of the image in its cell, from the top left"),
    "tile_height": ("int32", "height in pixels of the image in its cell"),
    "width": ("int32", "width in pixels of the input"),
    "height": ("int32", "height in pixels of the input"),
    "channels": ("int32", "channels of the input"),
    "dtype": ("string", "dtype of the input"),
    "min": ("float32", "smallest finite value of the input"),
    "max": ("float32", "largest finite value of the input"),
    "mean": ("float32", "mean of the finite values of the input"),
    "std": ("float32", "standard deviation of the finite values of the input"),
    "nonfinite": ("int32", "number of values of the input that are NaN or infinite"),
    "original": ("string", "path in the run folder of the full-size image; null when the tile has full size"),
    "source": ("string", "path or id of the input, as passed to the logger; null when none was"),
    "weight": ("float32", "sample weight; null when none was given"),
    "soft_label": ("list<float32>", "the label as a distribution over the classes; null when it is a single class"),
}
PREDICTION_COLUMNS: dict[str, tuple[str, str]] = {
    "epoch": ("int32", "the epoch of the file, from 0; allows reading all epochs as one table"),
    "index": ("int32", "index of the sample, as in the samples file"),
    "label": ("int32", "true class at this epoch; null when unknown or of weight 0"),
    "predicted": ("int32", "class with the highest probability; -1 when the output has NaN or infinities"),
    "confidence": ("float32", "probability of `predicted`, 0 to 1; null when invalid"),
    "loss": ("float32", "cross-entropy in nats; null when unlabelled or invalid"),
    "log_prob_label": ("float32", "natural log of the label's probability; null as loss"),
    "log_prob_other": (
        "float32",
        "natural log of the highest probability among the classes other than the label "
        "(other than `predicted` when unlabelled); null when invalid",
    ),
    "probabilities": (
        "list<float32>",
        "of all classes in order, or with over 100 classes the 10 highest, descending; null when invalid",
    ),
    "classes": ("list<int32>", "the classes of `probabilities` when there are over 100; else null"),
}

VERDICTS = ("correct", "wrong", "unlabelled", "invalid")
"""How a prediction compares with its label. Outputs with a NaN or an infinity are `invalid`, labelled or not."""
