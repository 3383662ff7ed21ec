"""The component's scripts and style sheet, read once, and the few lines that load them.

Streamlit sends a component's code again with every rerun. So the page gets only a loader, and the browser
fetches the modules once from a route, under a URL that holds their version.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

_FOLDER = Path(__file__).parent
FILES = {path.name: path.read_bytes() for path in sorted(_FOLDER.iterdir()) if path.suffix in (".js", ".css")}
"""Content by file name."""

VERSION = blake2b(
    b"".join(name.encode() + content for name, content in FILES.items()), digest_size=8
).hexdigest()

LOADER = f"""
const address = new URL("data/confusion/{VERSION}/confusion.js", document.baseURI);
const confusion = await import(address);
export default (component) => confusion.mount(component);
"""
"""The component's JavaScript. The path is relative, so that it holds under any `server.baseUrlPath`."""

STYLE = FILES["confusion.css"].decode()
