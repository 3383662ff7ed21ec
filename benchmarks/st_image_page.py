"""What the gallery is compared with: a hundred pictures with `st.image` in columns, and a filter by label."""

import os
from pathlib import Path

import streamlit as st

pictures = sorted(Path(os.environ["PICTURES"]).glob("*.png"))
label = st.segmented_control("Label", [str(k) for k in range(10)], default="0", required=True)
shown = [path for path in pictures if path.stem.split("-")[0] == label][:100]
st.write(f"{len(shown)} pictures of {label}")
for start in range(0, len(shown), 10):
    for column, path in zip(st.columns(10), shown[start : start + 10], strict=False):
        column.image(str(path), caption=path.stem)
