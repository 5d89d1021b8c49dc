"""The linear classifier as people write it in TensorFlow, on any backend.

Only the import differs from a TensorFlow script: with `import tensorflow as tf` in its
place this file runs unchanged.
"""

import matplotlib
import numpy as np

import triceras.tf as tf

matplotlib.use("agg")
import matplotlib.pyplot as plt

rng = np.random.default_rng(0)
covariance = [[1.0, 0.6], [0.6, 1.2]]
first = rng.multivariate_normal([-1.0, 2.0], covariance, size=1000)
second = rng.multivariate_normal([2.0, -0.5], covariance, size=1000)

inputs = tf.constant(np.concatenate([first, second]), dtype=tf.float32)
targets = tf.constant(np.repeat([[0.0], [1.0]], 1000, axis=0), dtype=tf.float32)

tf.random.set_seed(0)
W = tf.Variable(tf.random.uniform(shape=(2, 1), minval=-1.0, maxval=1.0))
b = tf.Variable(tf.zeros(shape=(1,)))

learning_rate = 0.1
for epoch in range(40):
    with tf.GradientTape() as tape:
        predictions = tf.matmul(inputs, W) + b
        loss = tf.reduce_mean(tf.square(targets - predictions))
    gradient_W, gradient_b = tape.gradient(loss, [W, b])
    W.assign_sub(learning_rate * gradient_W)
    b.assign_sub(learning_rate * gradient_b)
    print(f"epoch {epoch + 1:2d}/40  loss {loss.numpy():.4f}")

predictions = tf.matmul(inputs, W) + b
hits = tf.cast((predictions > 0.5) == (targets > 0.5), tf.float32)
print(f"accuracy: {tf.reduce_mean(hits).numpy():.4f}")

points, weights, bias = inputs.numpy(), W.numpy(), b.numpy()
x = np.linspace(points[:, 0].min(), points[:, 0].max(), 2)
plt.scatter(points[:, 0], points[:, 1], c=targets.numpy()[:, 0], s=8, cmap="coolwarm", alpha=0.6)
plt.plot(x, (0.5 - bias[0] - weights[0, 0] * x) / weights[1, 0], color="black", linewidth=2)
plt.ylim(points[:, 1].min() - 0.5, points[:, 1].max() + 0.5)
plt.title("Two Gaussian classes, one learned line")
plt.savefig("linear_classifier.png", dpi=120)
print("wrote linear_classifier.png")
