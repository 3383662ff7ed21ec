"""Which runs changed, as the file system tells it: by events, or by looking again where there are none.

On a network drive the kernel says nothing of what other machines write, so it is polled. A file system that is
not known is believed to give events until `watch.Watch` catches it keeping silent.
"""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from watchdog import events
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserverVFS

from dashboard.live.polling import Eyes
from logger import schema

log = logging.getLogger("proofsheet")
# A folder made while its parent is being walked is found twice; that the same callback is set again changes nothing.
warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)

WATCH_ENV = "PROOFSHEET_WATCH"
MODES = ("events", "polling", "off")
POLL_SECONDS = 1.0

_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|smb3|9p|virtiofs|fuse|fuse\..*|afs|ceph|lustre|beegfs|gpfs|glusterfs|vboxsf|vmhgfs|"
    r"prl_fs|davfs|ncpfs|coda|orangefs|pvfs2|ocfs2|gfs2|fakeowner|drvfs|wekafs|panfs"
)
"""File systems on which others may write without this kernel hearing of it."""
_LOCAL_FUSE = ("fuseblk", "fuse.lxcfs")
_IN_RUN = (
    *(schema.RUN_FILE, schema.STATUS_FILE, schema.METRICS_FILE, schema.SAMPLES_DIR, schema.PREDICTIONS_DIR),
    schema.ANNOTATIONS_FILE,
)
_EVENTS: list[type[FileSystemEvent]] = [
    *(events.FileCreatedEvent, events.FileModifiedEvent, events.FileMovedEvent, events.FileDeletedEvent),
    *(events.DirCreatedEvent, events.DirModifiedEvent, events.DirMovedEvent, events.DirDeletedEvent),
]
"""Not the openings that our own reading causes: with a thousand runs they would fill the kernel's queue."""


def asked_mode(environ: Mapping[str, str] | None = None) -> str | None:
    """What PROOFSHEET_WATCH asks for, one of MODES; None leaves the choice. Raises ValueError for another word."""
    word = (os.environ if environ is None else environ).get(WATCH_ENV, "").strip().lower()
    if word and word not in MODES:
        raise ValueError(f"{WATCH_ENV} must be one of {', '.join(MODES)}, got {word[:40]!r}.")
    return word or None


def network_drive(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> str | None:
    """The type of the network (or shared) file system that `folder` lies on; None for a local or unknown one."""
    try:
        lines = [line.split(" ") for line in mounts.read_text("utf-8", "surrogateescape").splitlines()]
    except OSError:
        return None
    kind, longest = "", -1
    for _, point, found, *_ in (line for line in lines if len(line) > 2):
        at = Path(re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), point))
        if folder.is_relative_to(at) and len(at.parts) >= longest:
            kind, longest = found, len(at.parts)
    return kind if _NETWORK.fullmatch(kind) and kind not in _LOCAL_FUSE else None


def run_of(root: str, path: str) -> str | None:
    """The id of the run that a change of `path` under `root` belongs to; None for what no page shows."""
    parts = path.removeprefix(root).strip(os.sep).split(os.sep) if path.startswith(root) else [""]
    if not parts[0] or any(part.startswith(".") for part in parts):
        return None
    return parts[0] if len(parts) == 1 or parts[1] in _IN_RUN else None


class _Handler(FileSystemEventHandler):
    def __init__(self, root: str, changed: Callable[[str], None]) -> None:
        self._root, self._changed = root, changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        for path in (event.src_path, event.dest_path):
            if path and (name := run_of(self._root, os.fsdecode(path))):
                self._changed(name)


def observe(root: Path, mode: str, changed: Callable[[str], None]) -> tuple[BaseObserver, str]:
    """Start an observer of the folder `root`, which calls `changed` (on its thread) with ids of runs.

    Returns it with the mode it works in: where `events` cannot be had (watches run out), `polling`.
    Raises OSError when the folder is not there.
    """
    handler = _Handler(str(root), changed)
    if mode == "events":
        observer: BaseObserver = Observer()
        try:
            _start(observer, handler, root)
            return observer, mode
        except OSError as e:
            _stop(observer)
            if not root.is_dir():
                raise
            log.warning("The file system gives no events for %s (%s), so it is polled.", root, e.strerror or e)
    eyes = Eyes(root, lambda path: _listed(root, path))
    observer = PollingObserverVFS(eyes.stat, eyes.listdir, polling_interval=int(POLL_SECONDS))
    _start(observer, handler, root)
    return observer, "polling"


def _start(observer: BaseObserver, handler: FileSystemEventHandler, root: Path) -> None:
    observer.schedule(handler, str(root), recursive=True, event_filter=_EVENTS)
    observer.start()


def _stop(observer: BaseObserver) -> None:
    if observer.is_alive():
        observer.stop()
        observer.join()


def _listed(root: Path, path: str) -> Iterator[os.DirEntry[str]]:
    """What of a directory is polled: a new file in `samples` or a split shows in the directory's own time."""
    parts = Path(path).relative_to(root).parts
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if not parts or (len(parts) == 1 and entry.name in _IN_RUN):
                yield entry
            elif parts[1:] == (schema.PREDICTIONS_DIR,):
                yield entry
