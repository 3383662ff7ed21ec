"""What keeps an open page up to date: the parts that are drawn again, and the component that hears the server."""
