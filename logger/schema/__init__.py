"""THE run folder, format 1: every file name, field, column and rule that writer and reader share.

Only what both sides must agree on belongs here, with the standard library alone; how it is written is `storage`'s and
how it is read the dashboard's. What people read is `docs/run-folder.md`; a test holds that page against these names.

Words. A *run* is one training and one folder. A *split* says which data (`train`, `val`, `test`, `production`). An
*epoch* is counted from 0 in files and shown from 1. A *sample* is one input: its `index` in the split, and the `digest`
of its pixels. *label* is the truth, *predicted* the argmax, *confidence* the probability of `predicted`; all class
numbers index `class_names`. A *tile* is the small picture of a sample, a *sheet* a picture file of many tiles in
row-major order.
"""

from .cells import EXACT_TILE, FACTS_KEY, REDUCED_TILE, SHEET_SIDE, cell_side, sheet_facts
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
from .strict_json import FORMAT, FormatError, checked_object, encode_json, plain, readable

__all__ = [
    "ANNOTATIONS_FILE",
    "EXACT_TILE",
    "FACTS_KEY",
    "FORMAT",
    "HEARTBEAT_SECONDS",
    "INVALID",
    "MAX_FULL_CLASSES",
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
    "checked_object",
    "encode_json",
    "epoch_of",
    "inside",
    "original_file",
    "part_of",
    "plain",
    "predictions_file",
    "readable",
    "safe_name",
    "samples_file",
    "sheet_facts",
    "sheet_file",
]
