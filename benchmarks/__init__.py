"""Benchmarks: ratios against the framework's own loop and against Keras 3, in one run."""
