"""The epoch control: one per page, in the sidebar, for whatever on the page shows an epoch."""
