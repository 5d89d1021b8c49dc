"""Training: the data, and the only loop."""
