"""Keeping an open page up to date: the parts that are redrawn, and the component that listens to the server."""
