"""What a page shows as one value, encoded in the URL; navigation, palette and empty states. Draws no page."""
