"""The button that copies the link to what is on the screen: the whole view is in the address."""
