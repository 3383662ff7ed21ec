"""The run folder, format 1: every file name, field, column and rule that the writer and the reader share.

Only what both must agree on belongs here, and only the standard library is imported; writing is up to `storage`,
reading to the dashboard. docs/run-folder.md is the documentation; a test compares its tables with these names.

Glossary. A *run* is one training and one folder. A *split* is `train`, `val`, `test` or `production`. An *epoch* is
counted from 0 in files and displayed from 1. A *sample* is one input: its `index` in the split, and the `digest` of its
pixels. *label* is the true class, *predicted* the argmax, *confidence* the probability of `predicted`; classes are
indices into `class_names`. A *tile* is the small image of a sample, a *sheet* an image file of many tiles in row-major
order.
"""

from .cells import EXACT_TILE, METADATA_KEY, REDUCED_TILE, SHEET_SIDE, cell_side, sheet_metadata
from .columns import INVALID, MAX_FULL_CLASSES, PREDICTION_COLUMNS, SAMPLE_COLUMNS, TOP_CLASSES, VERDICTS
from .documents import HEARTBEAT_SECONDS, STATES, TASKS, RunInfo, SplitInfo, Status
from .paths import (
    ANNOTATIONS_FILE,
    METRICS_FILE,
    ORIGINALS_DIR,
    PREDICTIONS_DIR,
    RUN_FILE,
    SAMPLES_DIR,
    SHEETS_DIR,
    SPLITS,
    STATUS_FILE,
    epoch_of,
    inside,
    original_file,
    part_of,
    predictions_file,
    safe_name,
    samples_file,
    sheet_file,
)
from .records import NOTE_LENGTH, TAG_LENGTH, WHO_LENGTH, Annotation, MetricsLine
from .strict_json import FORMAT, FormatError, encode_json, parse_object, plain, readable

__all__ = [
    "ANNOTATIONS_FILE",
    "EXACT_TILE",
    "FORMAT",
    "HEARTBEAT_SECONDS",
    "INVALID",
    "MAX_FULL_CLASSES",
    "METADATA_KEY",
    "METRICS_FILE",
    "NOTE_LENGTH",
    "ORIGINALS_DIR",
    "PREDICTIONS_DIR",
    "PREDICTION_COLUMNS",
    "REDUCED_TILE",
    "RUN_FILE",
    "SAMPLES_DIR",
    "SAMPLE_COLUMNS",
    "SHEETS_DIR",
    "SHEET_SIDE",
    "SPLITS",
    "STATES",
    "STATUS_FILE",
    "TAG_LENGTH",
    "TASKS",
    "TOP_CLASSES",
    "VERDICTS",
    "WHO_LENGTH",
    "Annotation",
    "FormatError",
    "MetricsLine",
    "RunInfo",
    "SplitInfo",
    "Status",
    "cell_side",
    "encode_json",
    "epoch_of",
    "inside",
    "original_file",
    "parse_object",
    "part_of",
    "plain",
    "predictions_file",
    "readable",
    "safe_name",
    "samples_file",
    "sheet_file",
    "sheet_metadata",
]
