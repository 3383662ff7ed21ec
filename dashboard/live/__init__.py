"""What changes while the server runs: file events, polling, and the push to open pages."""
