"""Examines a run folder: every file that its readers need."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from PIL import Image

from .. import schema
from ..storage.atomic_files import TEMPORARY_FILE
from ..storage.ownership.process_identity import is_running
from .findings import Finding, reason, set_aside
from .rebuild import rebuild_info, rebuild_samples, rebuild_status
from .tables import SplitTables, read_tables


def examine(folder: Path) -> list[Finding]:
    """What is wrong with the run in `folder`, in the order in which it has to be repaired."""
    tables = read_tables(folder)
    findings: list[Finding] = []
    for split, found in tables.items():
        findings += _tables(folder, split, found)
    findings += _images(folder, tables)
    findings += _info(folder)
    findings += _status(folder)
    findings += _metrics(folder)
    findings += _leftovers(folder)
    return findings


def _tables(folder: Path, split: str, tables: SplitTables) -> Iterator[Finding]:
    for file, error in tables.errors.items():
        samples = file.parent.name == schema.SAMPLES_DIR
        lost = f"{len(tables.missing):,} samples of {split} have no row" if samples else "its epoch is lost"
        name = file.relative_to(folder).as_posix()
        yield Finding(name, f"cannot be read ({reason(error)})", lost, "set aside", partial(set_aside, file))
    if tables.missing:
        yield Finding(
            f"{schema.SAMPLES_DIR}/{split}",
            f"{len(tables.missing):,} samples of the predictions have no row",
            "they cannot be opened or filtered, and have no image",
            "rows with their index and label written, without images",
            partial(rebuild_samples, folder, split, tables),
        )
    for epoch, file in tables.epochs.items():
        expected = folder / schema.predictions_file(split, epoch)
        if file != expected:
            taken = expected.exists()
            yield Finding(
                file.relative_to(folder).as_posix(),
                f"epoch {epoch} is not written as {expected.name}",
                "readers may pass over it" if not taken else f"{expected.name} is there too, so there are two of it",
                None if taken else f"renamed to {expected.name}",
                None if taken else partial(os.rename, file, expected),
            )


def _images(folder: Path, tables: dict[str, SplitTables]) -> Iterator[Finding]:
    for split, found in tables.items():
        sheets = sorted({row["sheet"] for row in found.samples.values() if row.get("sheet") is not None})
        for number in sheets:
            name = schema.sheet_file(split, number)
            count = sum(row.get("sheet") == number for row in found.samples.values())
            cost = f"{count:,} samples of {split} have no image"
            if not (folder / name).exists():
                yield Finding(name, "is missing", cost)
                continue
            try:
                with Image.open(folder / name) as image:
                    image.load()
            except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
                problem = f"cannot be read ({reason(error)})"
                yield Finding(name, problem, cost, "set aside", partial(set_aside, folder / name))
        originals = [row["original"] for row in found.samples.values() if row.get("original") is not None]
        missing = sum(not (folder / original).is_file() for original in originals)
        if missing:
            cost = "these samples are shown by their reduced tiles"
            yield Finding(schema.ORIGINALS_DIR, f"{missing:,} images of {split} are missing", cost)


def _info(folder: Path) -> Iterator[Finding]:
    file = folder / schema.RUN_FILE
    try:
        schema.RunInfo.decode(file.read_text("utf-8"))
        return
    except FileNotFoundError:
        problem = "is missing"
    except (OSError, ValueError) as error:
        if "Upgrade" in str(error):
            yield Finding(schema.RUN_FILE, reason(error), "this version cannot tell what else is wrong")
            return
        problem = f"cannot be read ({reason(error)})"
    cost = "name, class names, settings and notes of the run are lost; classes are shown by number"
    yield Finding(
        schema.RUN_FILE,
        problem,
        cost,
        "rebuilt from the other files",
        partial(rebuild_info, folder),
    )


def _status(folder: Path) -> Iterator[Finding]:
    file = folder / schema.STATUS_FILE
    rebuilt = partial(rebuild_status, folder)
    try:
        status = schema.Status.decode(file.read_text("utf-8"))
    except FileNotFoundError:
        yield Finding(schema.STATUS_FILE, "is missing", "how the run ended is not known", "rebuilt", rebuilt)
        return
    except (OSError, ValueError) as error:
        problem = f"cannot be read ({reason(error)})"
        yield Finding(schema.STATUS_FILE, problem, "how the run ended is not known", "rebuilt", rebuilt)
        return
    if status.state == "running" and is_running(status.host, status.pid, status.process) is False:
        problem = f"says running, but process {status.pid} does not run any more"
        yield Finding(schema.STATUS_FILE, problem, "it was killed, or its machine went down", "marked failed", rebuilt)
    lost = ", ".join(f"{count:,} {kind}" for kind, count in status.lost.items())
    if status.dropped:
        because = f" ({status.errors[-1]})" if status.errors else ""
        yield Finding(schema.STATUS_FILE, f"{lost or status.dropped} were lost while logging{because}", "they are gone")


def _metrics(folder: Path) -> Iterator[Finding]:
    file = folder / schema.METRICS_FILE
    if not file.exists():
        return
    lines = file.read_bytes().split(b"\n")
    damaged = [number for number, line in enumerate(lines, 1) if line and not _is_line(line)]
    if damaged:
        first = ", ".join(map(str, damaged[:5])) + (", …" if len(damaged) > 5 else "")
        cost = "readers pass over them; the next writer ends a line that was cut short"
        yield Finding(schema.METRICS_FILE, f"{len(damaged):,} damaged lines (line {first})", cost)


def _is_line(line: bytes) -> bool:
    try:
        schema.MetricsLine.decode(line.decode("utf-8"))
    except (ValueError, OverflowError, RecursionError):
        return False
    return True


def _leftovers(folder: Path) -> Iterator[Finding]:
    for where, _, names in os.walk(folder):
        for name in sorted(names):
            if TEMPORARY_FILE.fullmatch(name):
                file = Path(where, name)
                size = f"{file.stat().st_size:,} bytes"
                problem = "was left half-written by a process that died"
                yield Finding(file.relative_to(folder).as_posix(), problem, size, "removed", file.unlink)
