"""The Gallery page: thousands of tiles in one scroll, drawn in the browser."""
