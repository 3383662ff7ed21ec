"""The component's script, read once, and the few lines that load it; see `gallery.assets`."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

FILES = {path.name: path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.js"))}
"""Content by file name."""

VERSION = blake2b(repr(FILES).encode(), digest_size=8).hexdigest()

LOADER = f"""
const address = new URL("data/live/{VERSION}/live.js", document.baseURI);
const live = await import(address);
export default (component) => live.mount(component);
"""
"""The component's JavaScript. The path is relative, so that it holds under any `server.baseUrlPath`."""
