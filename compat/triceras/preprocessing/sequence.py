"""Sequences as arrays."""

from triceras.utils.arrays import pad_sequences as pad_sequences
