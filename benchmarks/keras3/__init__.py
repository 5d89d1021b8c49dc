"""What Keras 3 makes its users write once for each backend, as its guides do.

Each module has Custom, a Sequential with a train_step of its own, and linear_step(x, y, w, b).
"""
