"""What a component tells the page: the fields of the view that a person changed, under a rising number `seq`.

The page answers with the highest number that it has taken in (`ack`), so that the component can tell data made
before its latest change from data made after.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st


@dataclass(frozen=True)
class Told:
    """Of the component of this `key`, which tells it as its state `told`."""

    key: str

    def said(self) -> dict[str, Any]:
        """What it said last, unchecked: a browser may say anything."""
        told = (st.session_state.get(self.key) or {}).get("told")
        return dict(told) if isinstance(told, dict) else {}

    def ack(self) -> int:
        """The highest number taken in. A browser outlives its session (a restart): then its own word counts."""
        seq = self.said().get("seq")
        return max(int(st.session_state.get(self._place, 0)), seq if isinstance(seq, int) else 0)

    def take(self) -> dict[str, Any]:
        """What it said last, which from now on counts as taken in. For the component's callback."""
        st.session_state[self._place] = self.ack()
        return self.said()

    @property
    def _place(self) -> str:
        return f"_{self.key}_ack"
