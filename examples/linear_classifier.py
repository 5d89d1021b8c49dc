"""A linear classifier by hand: two clouds of points, a Variable each for weights and bias, a tape.

Prints the loss of each of 40 epochs and the final accuracy, and draws the points and the
learned line to linear_classifier.png. Runs on whichever backend KERAS_BACKEND names.
"""

from __future__ import annotations

import matplotlib
import numpy as np

import triceras as keras
from triceras import ops

matplotlib.use("agg")
import matplotlib.pyplot as plt

POINTS_PER_CLASS = 1000
MEANS = [(-1.0, 2.0), (2.0, -0.5)]
COVARIANCE = [(1.0, 0.6), (0.6, 1.2)]
EPOCHS = 40
LEARNING_RATE = 0.1


def make_data(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points of two classes, each from a Gaussian, and their labels 0 and 1, in random order."""
    rng = np.random.default_rng(seed)
    clouds = [rng.multivariate_normal(mean, COVARIANCE, size=POINTS_PER_CLASS) for mean in MEANS]
    inputs = np.concatenate(clouds).astype("float32")
    labels = np.repeat([[0.0], [1.0]], POINTS_PER_CLASS, axis=0).astype("float32")
    order = rng.permutation(len(inputs))
    return inputs[order], labels[order]


def predict(inputs, W, b):
    """One number for each point: near 0 for the first class, near 1 for the second."""
    return ops.matmul(inputs, W) + b


def train_step(inputs, labels, W, b):
    """Moves W and b one step against the gradient of the squared loss, and returns the loss."""
    with keras.GradientTape() as tape:
        loss = ops.mean(ops.square(labels - predict(inputs, W, b)))
    gradient_W, gradient_b = tape.gradient(loss, [W, b])
    W.assign_sub(LEARNING_RATE * gradient_W)
    b.assign_sub(LEARNING_RATE * gradient_b)
    return loss


def draw(inputs: np.ndarray, labels: np.ndarray, W: np.ndarray, b: np.ndarray, path: str) -> None:
    """Draws the points, coloured by class, and the line where the prediction is 0.5."""
    x = np.linspace(inputs[:, 0].min(), inputs[:, 0].max(), 2)
    y = (0.5 - b[0] - W[0, 0] * x) / W[1, 0]
    plt.figure(figsize=(6, 5))
    plt.scatter(inputs[:, 0], inputs[:, 1], c=labels[:, 0], s=8, cmap="coolwarm", alpha=0.6)
    plt.plot(x, y, color="black", linewidth=2, label="learned line")
    plt.ylim(inputs[:, 1].min() - 0.5, inputs[:, 1].max() + 0.5)
    plt.title("Two Gaussian classes, one learned line")
    plt.legend(loc="upper right")
    plt.tight_layout()
    plt.savefig(path, dpi=120)


def main() -> None:
    keras.utils.set_random_seed(0)
    points, labels = make_data(seed=0)
    inputs, targets = ops.convert_to_tensor(points), ops.convert_to_tensor(labels)
    W = keras.Variable(keras.random.uniform((2, 1), minval=-1.0, maxval=1.0), name="W")
    b = keras.Variable(ops.zeros((1,)), name="b")

    for epoch in range(1, EPOCHS + 1):
        loss = train_step(inputs, targets, W, b)
        print(f"epoch {epoch:2d}/{EPOCHS}  loss {float(loss):.4f}")

    guesses = ops.convert_to_numpy(predict(inputs, W, b)) > 0.5
    print(f"accuracy on {keras.backend.backend()}: {np.mean(guesses == labels):.4f}")
    draw(points, labels, W.numpy(), b.numpy(), "linear_classifier.png")
    print("wrote linear_classifier.png")


if __name__ == "__main__":
    main()
