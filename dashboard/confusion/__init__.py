"""The confusion matrix: any number of classes on one canvas, drawn by a component in the browser."""
