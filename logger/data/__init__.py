"""Arrays in: what people hand over, read, judged and turned into rows. Knows numpy, no files and no frameworks."""
