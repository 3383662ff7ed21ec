"""Scripts and style sheets: every file of the browser side under one version, and nothing else."""

from __future__ import annotations

import posixpath
import re

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.browser import assets
from dashboard.web.responses import FOR_EVER
from dashboard.web.routes import ROUTES
from tests.conftest import ROOT

PACKAGE = ROOT / "dashboard"
IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?\bfrom\s+["']([^"']+)["']""", re.MULTILINE)


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(Starlette(routes=ROUTES))


def test_every_script_and_style_sheet_is_served_as_it_is_and_cached_for_good(client: TestClient) -> None:
    on_disk = {f.relative_to(PACKAGE).as_posix(): f for f in PACKAGE.rglob("*") if f.suffix in (".js", ".css")}
    assert set(assets.FILES) == set(on_disk)
    for path, file in on_disk.items():
        answer = client.get(f"/{assets.url(path)}")
        assert answer.content == file.read_bytes()
        assert answer.headers["cache-control"] == FOR_EVER
        expected = "text/javascript" if file.suffix == ".js" else "text/css"
        assert answer.headers["content-type"].split(";")[0] == expected


def test_another_version_is_served_but_not_cached(client: TestClient) -> None:
    answer = client.get("/data/code/old/screens/gallery/gallery.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "path",
    [
        "screens/gallery/component.py",
        "browser/assets.py",
        "screens%2fgallery%2f..%2fgallery%2fgallery.js",
        "screens/gallery/..%2f..%2fmain.py",
        "../app.py",
        "/etc/passwd",
        "gallery.js",
        "",
    ],
)
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    answer = client.get(f"/data/code/{assets.VERSION}/{path}")
    assert answer.status_code == 404
    assert "max-age" not in answer.headers.get("cache-control", "")


def test_every_import_is_the_path_to_a_file_that_exists() -> None:
    found = 0
    for path, content in assets.FILES.items():
        for target in IMPORT.findall(content.decode()) if path.endswith(".js") else ():
            found += 1
            assert target.startswith("."), f"{path} imports {target}"
            assert posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) in assets.FILES, (path, target)
    assert found > 50


def test_scripts_of_one_screen_import_from_their_own_folder_or_from_the_shared_one() -> None:
    for path, content in assets.FILES.items():
        for target in IMPORT.findall(content.decode()) if path.endswith(".js") else ():
            room = posixpath.normpath(posixpath.join(posixpath.dirname(path), target)).split("/")
            own = path.split("/")
            assert room[0] == "browser" or room[:2] == own[:2], f"{path} imports {target}"


def test_a_loader_names_its_script_and_its_styles_and_refuses_what_is_not_served() -> None:
    code = assets.loader("screens/gallery/gallery.js", "browser/cards.css", "screens/gallery/gallery.css")
    for part in (
        assets.VERSION,
        '"screens/gallery/gallery.js"',
        '["browser/cards.css", "screens/gallery/gallery.css"]',
    ):
        assert part in code
    with pytest.raises(KeyError):
        assets.loader("screens/gallery/nothing.js")
    with pytest.raises(KeyError):
        assets.loader("screens/gallery/gallery.js", "screens/gallery/nothing.css")


def test_all_scripts_that_a_component_imports_are_requested_at_once() -> None:
    found = assets.modules("screens/gallery/gallery.js")
    own = {path for path in assets.FILES if path.startswith("screens/gallery/") and path.endswith(".js")}
    assert own - set(found) == {"screens/gallery/gallery.js"} and len(found) == len(set(found))
    assert {"browser/dom.js", "browser/link.js", "browser/debounce.js"} <= set(found)
    assert assets.modules("screens/controls/copy_link.js") == []
    assert f"{found}".replace("'", '"') in assets.loader("screens/gallery/gallery.js")
