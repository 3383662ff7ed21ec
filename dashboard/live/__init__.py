"""Live pages: a socket that says what changed, a component that hears it, the parts of the page drawn again."""
