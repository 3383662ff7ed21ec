"""The command line of `proofsheet doctor`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .. import schema
from ..storage.ownership.claim import ClaimedError, claim
from ..storage.ownership.heartbeat import has_writer, read_status
from .examine import examine
from .prune import KEEP, plan_pruning

_FOLDERS = (schema.SAMPLES_DIR, schema.PREDICTIONS_DIR, schema.SHEETS_DIR)
_FILES = (schema.RUN_FILE, schema.STATUS_FILE, schema.METRICS_FILE)


def main(argv: Sequence[str]) -> int:
    """Examine, repair or prune runs; 0 when nothing is wrong any more, 1 when something is, 2 for a wrong command."""
    options = _parser().parse_args(list(argv))
    folder = options.folder.expanduser()
    runs = _runs(folder)
    if not runs:
        print(f"proofsheet: {folder} is neither a run nor a folder of runs.")
        return 2
    wrong = sum([_prune(run, options) if options.prune_pictures else _examine(run, options.repair) for run in runs])
    if not options.prune_pictures:
        print(f"{len(runs):,} runs examined, {wrong:,} with something wrong.")
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="proofsheet doctor",
        description="Say what is damaged in a run or in a folder of runs, and what that costs.",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a run, or the folder that holds the runs")
    parser.add_argument("--repair", action="store_true", help="repair what can be; damaged files are set aside")
    parser.add_argument(
        "--prune-pictures", action="store_true", help="list the images that could go; with --yes, remove them"
    )
    kept = "; ".join(f"{name}: {what}" for name, what in KEEP.items())
    parser.add_argument("--keep", choices=KEEP, default="tiles", help=f"what pruning leaves. {kept} (default: tiles)")
    parser.add_argument("--yes", action="store_true", help="remove what --prune-pictures lists")
    return parser


def _runs(folder: Path) -> list[Path]:
    if _is_run(folder):
        return [folder]
    return sorted(path for path in folder.iterdir() if _is_run(path)) if folder.is_dir() else []


def _is_run(folder: Path) -> bool:
    return any((folder / name).is_file() for name in _FILES) or any((folder / name).is_dir() for name in _FOLDERS)


def _examine(run: Path, repair: bool) -> bool:
    """Print what is wrong with a run; whether something still is."""
    if not repair:
        findings = examine(run)
        for finding in findings:
            print(f"{run.name}/{finding.sentence(False)}")
        return bool(findings)
    with _claimed(run) as free:
        if not free:
            return False
        findings = examine(run)
        for finding in findings:
            if finding.repair is not None:
                finding.repair()
            print(f"{run.name}/{finding.sentence(True)}")
        return any(finding.repair is None for finding in findings)


def _prune(run: Path, options: argparse.Namespace) -> bool:
    pruning = plan_pruning(run, options.keep)
    what = f"{len(pruning.files):,} images, {pruning.bytes / 1e6:.1f} MB"
    if not options.yes:
        print(f"{run.name}: {what} would go; --yes removes them.")
        return False
    with _claimed(run) as free:
        if free:
            pruning.remove()
            print(f"{run.name}: {what} removed.")
    return False


@contextmanager
def _claimed(run: Path) -> Iterator[bool]:
    """Whether nobody else writes the run meanwhile; says so if somebody does."""
    try:
        claimed = claim(run)
    except ClaimedError:
        print(f"{run.name}: is being written, and left alone.")
        yield False
        return
    try:
        free = not has_writer(run, read_status(run))
        if not free:
            print(f"{run.name}: is being written, and left alone.")
        yield free
    finally:
        claimed.release()
