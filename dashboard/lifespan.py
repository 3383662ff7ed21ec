"""Server startup: import what the first visitor would otherwise wait for, and start the watcher."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from dashboard import announcement
from dashboard.live.watcher import watch


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
    """Import what every session needs, then exempt it from garbage collection.

    While the server runs, the folder of runs is watched.
    """
    _prewarm()
    gc.collect()
    gc.freeze()
    watched = watch()
    await asyncio.to_thread(watched.start)
    announcement.announce()
    try:
        yield {}
    finally:
        await asyncio.to_thread(watched.stop)


def _prewarm() -> None:
    import altair as alt
    import duckdb
    import pandas as pd

    from dashboard.catalogue import runs
    from dashboard.screens.controls import menu_bar, pickers  # noqa: F401
    from dashboard.screens.metrics import page as metrics_page  # noqa: F401
    from dashboard.screens.runs import page as runs_page  # noqa: F401

    alt.Chart(pd.DataFrame({"x": [0.0], "y": [0.0]})).mark_line().encode(x="x:Q", y="y:Q").to_dict()
    duckdb.connect().close()
    runs.catalogue().runs()
