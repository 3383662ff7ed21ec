"""The Gallery page: thousands of tiles in one scrolling grid, drawn in the browser.

Its scripts: `data/` loads and filters columns, `tiles/` draws the grid, `sample/` the dialog of one sample, `tools/`
cards and toolbar, `tags/` selecting and tagging.
"""
