"""Pure numbers in, pure numbers out: matrices, intervals, orders, curves. No files, no SQL, no HTTP, no Streamlit."""
