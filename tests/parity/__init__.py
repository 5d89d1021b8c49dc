"""The catalogue beside the real Keras, on the same backend."""
