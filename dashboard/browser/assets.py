"""The scripts and style sheets of the components, read once, and the few lines that load them.

Streamlit sends a component's code again with every rerun. So the page gets only a loader, and the browser fetches the
modules once from a route, under a URL that holds their version.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


SHARED = Path(__file__).parent
"""What several components load; each is given it beside its own files."""


@dataclass(frozen=True)
class Scripts:
    """The files of one component: content by file name, and one version for all of them."""

    name: str
    files: dict[str, bytes]
    version: str

    @property
    def address(self) -> str:
        """Where they are served, relative to the page, so that it holds under any `server.baseUrlPath`."""
        return f"data/{self.name}/{self.version}"

    @property
    def loader(self) -> str:
        """The component's JavaScript: loads the module of its name and hands over to its `mount`."""
        return f"""
const address = new URL("{self.address}/{self.name}.js", document.baseURI);
const {{ mount }} = await import(address);
export default (component) => mount(component, address);
"""


def _read(name: str, folder: str) -> Scripts:
    own = SHARED.parent / "screens" / folder
    paths = [*sorted(SHARED.iterdir()), *sorted(own.rglob("*"))]
    files = {path.name: path.read_bytes() for path in paths if path.suffix in _TYPES}
    return Scripts(name, files, blake2b(repr(files).encode(), digest_size=8).hexdigest())


def media_type(file_name: str) -> str:
    """Media type of a script or style sheet."""
    return _TYPES[Path(file_name).suffix]


GALLERY, CONFUSION = _read("gallery", "gallery"), _read("confusion", "confusion")
EPOCHS, LIVE = _read("epochs", "controls"), _read("live", "live")
SERVED = (GALLERY, CONFUSION, EPOCHS, LIVE)
"""The components whose files a route serves."""
