"""The frame of every page: the menu, the pickers with the epoch control, and the button that copies the link."""
