"""One folder a page, and one for the controls that pages share: Python wrappers beside their scripts and styles."""
