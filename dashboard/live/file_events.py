"""Which runs changed: from file system events, or by polling where there are none.

On a network drive the kernel does not report what other machines write, so it is polled. Unknown file systems are
assumed to deliver events until the watcher finds that they do not.
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

from dashboard.live.polling import PollingFileSystem
from logger import schema

log = logging.getLogger("proofsheet")
# A folder created while its parent is being walked is registered twice, which does no harm.
warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)

WATCH_ENV = "PROOFSHEET_WATCH"
MODES = ("events", "polling", "off")
POLL_SECONDS = 1.0

_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|smb3|9p|virtiofs|fuse|fuse\..*|afs|ceph|lustre|beegfs|gpfs|glusterfs|vboxsf|vmhgfs|"
    r"prl_fs|davfs|ncpfs|coda|orangefs|pvfs2|ocfs2|gfs2|fakeowner|drvfs|wekafs|panfs"
)
"""File systems to which other machines may write without events here."""
_LOCAL_FUSE = ("fuseblk", "fuse.lxcfs")
_IN_RUN = (
    *(schema.RUN_FILE, schema.STATUS_FILE, schema.METRICS_FILE, schema.SAMPLES_DIR, schema.PREDICTIONS_DIR),
    schema.ANNOTATIONS_FILE,
)
_EVENTS: list[type[FileSystemEvent]] = [
    *(events.FileCreatedEvent, events.FileModifiedEvent, events.FileMovedEvent, events.FileDeletedEvent),
    *(events.DirCreatedEvent, events.DirModifiedEvent, events.DirMovedEvent, events.DirDeletedEvent),
]
"""Without the open events of our own reads: with a thousand runs they would fill the kernel's queue."""


def configured_mode(environ: Mapping[str, str] | None = None) -> str | None:
    """What PROOFSHEET_WATCH asks for, one of MODES; None leaves the choice. Raises ValueError for any other value."""
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
    """The id of the run that `path` under `root` belongs to; None for files that no page shows."""
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
            log.warning("No file system events for %s (%s); polling it instead.", root, e.strerror or e)
    file_system = PollingFileSystem(root, lambda path: _polled_entries(root, path))
    observer = PollingObserverVFS(file_system.stat, file_system.listdir, polling_interval=int(POLL_SECONDS))
    _start(observer, handler, root)
    return observer, "polling"


def _start(observer: BaseObserver, handler: FileSystemEventHandler, root: Path) -> None:
    observer.schedule(handler, str(root), recursive=True, event_filter=_EVENTS)
    observer.start()


def _stop(observer: BaseObserver) -> None:
    if observer.is_alive():
        observer.stop()
        observer.join()


def _polled_entries(root: Path, path: str) -> Iterator[os.DirEntry[str]]:
    """What of a directory is polled: a new file in `samples` or a split changes the directory's modification time."""
    parts = Path(path).relative_to(root).parts
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if not parts or (len(parts) == 1 and entry.name in _IN_RUN):
                yield entry
            elif parts[1:] == (schema.PREDICTIONS_DIR,):
                yield entry
