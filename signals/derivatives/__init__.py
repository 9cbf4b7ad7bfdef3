"""What the prices of options and futures imply."""
