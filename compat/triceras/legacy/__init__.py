"""What Keras keeps for code that was written for Keras 2."""

from triceras.legacy import saving as saving
