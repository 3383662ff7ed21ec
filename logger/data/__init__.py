"""Arrays in: what callers pass as images, labels and outputs becomes rows. Uses numpy; no files, no frameworks."""
