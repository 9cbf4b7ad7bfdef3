"""What every picture is laid out with: page, plots, axes, labels, colours."""
