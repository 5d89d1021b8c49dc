"""Layers as PyTorch sees them."""

from __future__ import annotations

import copy

import numpy as np
import torch

import triceras as keras
from triceras import layers

X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")


class Block(keras.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first = layers.Dense(3, activation="tanh")
        self.rest = [layers.Dense(2), {"deep": layers.Dense(2)}]
        self.scale = keras.Variable(np.ones(2, "float32"))
        self.steps = [keras.Variable(0.0, trainable=False)]
        self.drop = layers.Dropout(0.5, seed=1)

    def call(self, x):
        x = self.drop(self.rest[0](self.first(x)))
        return self.rest[1]["deep"](x) * self.scale


def built():
    block = Block()
    block(X)
    return block


def grad_of(loss):
    return torch.func.grad(loss, has_aux=True)


def state_dict_round_trip():
    block, other = built(), built()
    names = set(block.state_dict())
    assert {"first.kernel", "rest.0.bias", "rest.1.deep.kernel", "scale", "steps.0"} <= names
    assert len(names) == len(block.variables) == 9
    assert block.get_submodule("rest.0") is block.rest[0]
    block.steps[0].assign(5.0)
    other.load_state_dict(block.state_dict())
    for a, b in zip(block.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    copied = copy.deepcopy(block)
    copied.first.kernel.assign(copied.first.kernel * 0)
    assert block.first.kernel.numpy().any()


def parameters_are_the_trainable_weights():
    block = built()
    assert {id(p) for p in block.parameters()} == {id(w.storage) for w in block.trainable_weights}
    assert all(p.requires_grad for p in block.parameters())
    block.first.trainable = False
    assert not any(p.requires_grad for p in block.first.parameters())


def raw_loop():
    block = built()
    assert not block(X).requires_grad  # no graph for those who only predict
    optimizer = torch.optim.SGD(block.parameters(), lr=0.05)
    x, y = torch.tensor(X), torch.tensor(X[:, :2])
    losses = []
    for _ in range(40):
        optimizer.zero_grad()
        loss = ((block(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] / 2
    with keras.GradientTape() as tape:  # the tape works all the same
        loss = keras.ops.sum(block(x))
    gradients = tape.gradient(loss, block.trainable_variables)
    assert all(g is not None for g in gradients)
    model = keras.Sequential([block])
    model.compile("adam", "mse")
    before = block.first.kernel.numpy()
    model.fit(X, X[:, :2], verbose=0)
    assert not np.array_equal(before, block.first.kernel.numpy())


def modes():
    block = built()
    ones = np.ones((50, 3), "float32")
    block.train()
    assert not np.array_equal(block(ones).detach().numpy(), block(ones).detach().numpy())
    np.testing.assert_array_equal(block(ones, training=False).numpy(), block(ones, training=False).numpy())
    block.eval()
    np.testing.assert_array_equal(block(ones).numpy(), block(ones).numpy())


def hooks():
    block, seen = built(), []
    handles = [
        block.first.register_forward_hook(lambda module, args, output: seen.append(("after", tuple(output.shape)))),
        block.first.register_forward_pre_hook(lambda module, args: seen.append(("before", len(args)))),
    ]
    block(X)
    assert seen == [("before", 1), ("after", (4, 3))]
    for handle in handles:
        handle.remove()
    block(X)
    assert len(seen) == 2


def moved_and_cast():
    block = built()
    block.to(torch.float64)
    assert {w.dtype for w in block.weights} == {"float64"} and block.compute_dtype == "float64"
    assert block(X).dtype == torch.float64
    block.half()
    assert block.first.kernel.dtype == "float16"
    block.float()
    assert block(X).dtype == torch.float32


def inside_plain_modules():
    outer = torch.nn.Sequential(torch.nn.Linear(3, 3), built(), torch.nn.Linear(2, 1))
    assert len(list(outer.parameters())) == 11
    outer(torch.tensor(X)).sum().backward()
    assert all(p.grad is not None for p in outer.parameters())


def wrapped_module():
    torch.manual_seed(0)
    inner = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 1))
    layer = layers.TorchModuleWrapper(inner)
    np.testing.assert_allclose(layer(X).numpy(), inner.eval()(torch.tensor(X)).detach().numpy(), rtol=1e-5)
    assert len(layer.trainable_weights) == 6 and len(layer.non_trainable_weights) == 3
    layer(X, training=True)
    assert inner[1].running_mean.any() or layer.non_trainable_weights[0].numpy().any()
    model = keras.Sequential([layers.Dense(3), layer])
    model.compile(keras.optimizers.SGD(0.05), "mse")
    y = X.sum(1, keepdims=True)
    history = model.fit(X, y, epochs=20, verbose=0).history["loss"]
    assert history[-1] < history[0]
    assert "0.weight" in layer.state_dict() and layer.count_params() == sum(w.size for w in layer.weights)


CASES = [
    state_dict_round_trip, parameters_are_the_trainable_weights, raw_loop, modes, hooks, moved_and_cast,
    inside_plain_modules, wrapped_module,
]  # fmt: skip
