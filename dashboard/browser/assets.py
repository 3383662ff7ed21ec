"""Scripts and style sheets of the browser side: every .js and .css file below browser/ and screens/, read once.

The URL of a file is its path in this package below one version for all, so an import between scripts is the relative
path between the files, in a browser and in Node alike. Streamlit resends a component's code with every rerun;
therefore it gets only a loader, and the browser fetches each file once.
"""

from __future__ import annotations

import json
import posixpath
import re
from hashlib import blake2b
from pathlib import Path
from string import Template

_PACKAGE = Path(__file__).resolve().parent.parent
_IMPORT = re.compile(r"""^import\s[^;]*?["'](\.[^"']+)["']""", re.MULTILINE)
_MEDIA_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


def _read() -> dict[str, bytes]:
    files = sorted(file for folder in ("browser", "screens") for file in (_PACKAGE / folder).rglob("*"))
    return {file.relative_to(_PACKAGE).as_posix(): file.read_bytes() for file in files if file.suffix in _MEDIA_TYPES}


FILES = _read()
"""Content by path relative to this package, for example `screens/gallery/gallery.js`. Nothing else is served."""
VERSION = blake2b(repr(FILES).encode(), digest_size=8).hexdigest()


def url(path: str) -> str:
    """URL of a file, relative to the page so that it works under any `server.baseUrlPath`. KeyError if unknown."""
    if path not in FILES:
        raise KeyError(path)
    return f"data/code/{VERSION}/{path}"


def media_type(path: str) -> str:
    """Media type of a script or style sheet."""
    return _MEDIA_TYPES[Path(path).suffix]


def modules(script: str) -> list[str]:
    """All scripts that `script` imports, directly or not, without itself."""
    found: dict[str, None] = {}
    waiting = [script]
    while waiting:
        path = waiting.pop(0)
        for target in _IMPORT.findall(FILES[path].decode()):
            imported = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            if imported != script and imported not in found:
                found[imported] = None
                waiting.append(imported)
    return list(found)


def loader(script: str, *styles: str) -> str:
    """JavaScript of a component: adopts `styles` and hands over to the function `mount` of `script`.

    The component is mounted once its styles are there, so nothing is laid out or measured without them. All scripts are
    requested at once: a browser by itself discovers imports one level after the other.
    """
    if missing := [style for style in styles if style not in FILES]:
        raise KeyError(missing[0])
    values = {
        "base": url(script).removesuffix(script),
        "script": script,
        "modules": modules(script),
        "styles": styles,
    }
    return _LOADER.substitute({name: json.dumps(value) for name, value in values.items()})


_LOADER = Template("""
const at = (path) => new URL($base + path, document.baseURI).href;
const preload = (path) => {
  const link = Object.assign(document.createElement("link"), { rel: "modulepreload", href: at(path) });
  document.head.append(link);
};
const sheet = async (path) => new CSSStyleSheet().replace(await (await fetch(at(path))).text());
$modules.forEach(preload);
const [{ mount }, ...sheets] = await Promise.all([import(at($script)), ...$styles.map(sheet)]);
export default (component) => {
  const root = component.parentElement;
  root.adoptedStyleSheets = sheets;
  const close = mount(component);
  // Streamlit also cleans up a mount that new data overtook, and keeps the component.
  return () => root.isConnected ? setTimeout(() => root.isConnected || close?.(), 1000) : close?.();
};
""")
