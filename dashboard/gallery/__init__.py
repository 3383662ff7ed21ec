"""The gallery: thousands of tiles in one scroll, drawn by a component in the browser."""
