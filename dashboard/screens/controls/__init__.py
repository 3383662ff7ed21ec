"""What stands around every page: the menu, the pickers with the epoch control, the button that copies the link."""
