"""What a person is looking at as one value, its way into the URL and back, and how it is worded. Draws no page."""
