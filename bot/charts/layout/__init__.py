"""The layout of charts: page, plots, axes, labels, colours."""
