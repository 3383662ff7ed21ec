"""Scripts and styles that several components load, and how the browser gets them."""
