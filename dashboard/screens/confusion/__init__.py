"""The Confusion page: any number of classes on one canvas, drawn in the browser."""
