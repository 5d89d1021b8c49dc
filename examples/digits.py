"""Handwritten digits: Sequential, compile, fit, evaluate and predict, on any backend.

Trains on scikit-learn's bundled 8x8 digits, prints the accuracy on digits kept aside (the
script fails where it is below 0.96), and draws the learning curves and some predictions to
digits.png.
"""

from __future__ import annotations

import argparse
import sys

import matplotlib
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import triceras as keras
from triceras import layers

matplotlib.use("agg")
import matplotlib.pyplot as plt

GOAL = 0.96


def make_data() -> tuple[np.ndarray, ...]:
    """Images of 64 numbers in [0, 1] and their digits: for training, for validation, for the test."""
    images, digits = load_digits(return_X_y=True)
    images, digits = (images / 16.0).astype("float32"), digits.astype("int32")
    rest, test_x, rest_y, test_y = train_test_split(images, digits, test_size=360, stratify=digits, random_state=0)
    train_x, val_x, train_y, val_y = train_test_split(rest, rest_y, test_size=180, stratify=rest_y, random_state=0)
    return train_x, train_y, val_x, val_y, test_x, test_y


def make_model() -> keras.Model:
    model = keras.Sequential(
        [
            keras.Input(shape=(64,)),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def draw(history: dict[str, list[float]], images: np.ndarray, digits: np.ndarray, guesses: np.ndarray) -> None:
    """The two learning curves, and a row of test digits with what the model takes them for."""
    figure = plt.figure(figsize=(10, 6.5))
    grid = figure.add_gridspec(3, 10)
    for column, name in ((slice(0, 5), "loss"), (slice(5, 10), "accuracy")):
        axes = figure.add_subplot(grid[:2, column])
        epochs = range(1, len(history[name]) + 1)
        axes.plot(epochs, history[name], label="training")
        axes.plot(epochs, history[f"val_{name}"], label="validation")
        axes.set_title(name)
        axes.set_xlabel("epoch")
        axes.legend()
    for i in range(10):
        axes = figure.add_subplot(grid[2, i])
        axes.imshow(images[i].reshape(8, 8), cmap="gray_r")
        axes.set_title(str(guesses[i]), color="green" if guesses[i] == digits[i] else "red")
        axes.axis("off")
    figure.suptitle("Handwritten digits: learning curves, and predictions for ten test images")
    figure.tight_layout()
    figure.savefig("digits.png", dpi=120)


def main() -> int:
    parser = argparse.ArgumentParser(description="Train a classifier of handwritten digits.")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--batch-size", type=int, default=32)
    options = parser.parse_args()

    keras.utils.set_random_seed(0)
    train_x, train_y, val_x, val_y, test_x, test_y = make_data()
    model = make_model()
    history = model.fit(
        train_x,
        train_y,
        batch_size=options.batch_size,
        epochs=options.epochs,
        validation_data=(val_x, val_y),
    ).history

    loss, accuracy = model.evaluate(test_x, test_y, verbose=0)
    guesses = np.argmax(model.predict(test_x, verbose=0), axis=-1)
    print(f"test on {keras.backend.backend()}: loss {loss:.4f}, accuracy {accuracy:.4f}")
    draw(history, test_x, test_y, guesses)
    print("wrote digits.png")
    if accuracy < GOAL:
        print(f"The accuracy is below {GOAL}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
