"""Whose the folder of a run is: one process at a time writes it, and only as long as it is there."""
