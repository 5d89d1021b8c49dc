"""Summaries and drawings of models, against the real Keras."""

from __future__ import annotations

import re

import keras as oracle
import numpy as np
import pytest

import triceras as keras
from triceras import layers


def branched(k):
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    dense = k.layers.Dense(3, name="dense_x")
    y = k.layers.Flatten(name="flat")(dense(a))
    model = k.Model([a, b], k.ops.concatenate([y, dense(b)], axis=1), name="branched")
    model.get_layer("dense_x").trainable = False
    return model


def chain(k):
    return k.Sequential([k.Input((4,)), k.layers.Dense(3, name="one"), k.layers.Dense(2, name="two")], name="chain")


def unbuilt(k):
    return k.Sequential([k.layers.Dense(3, name="one")], name="unbuilt")


def nested(k):
    x = k.Input((4,), name="x")
    return k.Model(x, k.layers.Dense(1, name="end")(chain(k)(x)), name="nested")


def text_of(model, **arguments):
    lines = []
    model.summary(print_fn=lines.append, **arguments)
    return "\n".join(lines)


def table_of(text):
    """The cells of the table: a list of strings a row, joined over the lines of a row; and the totals."""
    rows, current = [], None
    for line in text.splitlines():
        if line[:1] in "┏┡├└":
            if current:
                rows.append([re.sub(r"\s+", "", cell) for cell in current])
            current = None
        elif line[:1] in "│┃":
            cells = [cell.strip() for cell in re.split("[│┃]", line)[1:-1]]
            current = cells if current is None else [a + b for a, b in zip(current, cells, strict=True)]
    totals = [line.strip() for line in text.splitlines() if "params:" in line]
    return rows, totals


@pytest.mark.parametrize("make", [branched, chain, unbuilt, nested], ids=lambda f: f.__name__)
@pytest.mark.parametrize("arguments", [{}, {"show_trainable": True, "line_length": 140}, {"expand_nested": True}])
def test_the_same_table_as_keras(make, arguments, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")  # the oracle cuts lines that are longer than the terminal
    arguments = {"line_length": 140, **arguments}
    rows, totals = table_of(text_of(make(keras), **arguments))
    wanted, wanted_totals = table_of(text_of(make(oracle), **arguments))
    # Functions are numbered over the process.
    plain = [[re.sub(r"concatenate_?\d*", "concatenate", cell) for cell in row] for row in rows]
    other = [[re.sub(r"concatenate_?\d*", "concatenate", cell) for cell in row] for row in wanted]
    assert plain == other
    assert totals == wanted_totals
    assert 'Model: "' in text_of(make(keras))


def test_printed(capsys):
    chain(keras).summary()
    assert "one (Dense)" in capsys.readouterr().out


def test_optimizer_parameters():
    model = chain(keras)
    model.compile("adam", loss="mse")
    model.fit(np.ones((4, 4), "float32"), np.ones((4, 2), "float32"), verbose=0)
    text = text_of(model)
    assert "Optimizer params" in text and "Trainable params: 23 (92.00 B)" in text


def test_subclassed_models_show_their_layers():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.hidden = layers.Dense(3)

        def call(self, x):
            return self.hidden(x)

    model = Net()
    assert "unbuilt" in text_of(model)
    model(np.ones((2, 4)))
    text = text_of(model)
    assert "(Dense)" in text and "15" in text and "unbuilt" not in text


def test_range_of_layers():
    model = keras.Sequential([keras.Input((4,)), *(layers.Dense(2, name=f"layer{i}") for i in range(5))])
    text = text_of(model, layer_range=["layer1", "layer3"])
    assert [f"layer{i}" in text for i in range(5)] == [False, True, True, True, False]
    with pytest.raises(ValueError, match="layer_range"):
        text_of(model, layer_range=["nothing", "layer3"])
    with pytest.raises(ValueError, match="positions"):
        text_of(model, positions=[0.5])


def test_dot():
    dot = keras.utils.model_to_dot(branched(keras), show_shapes=True, show_dtype=True, show_trainable=True)
    names = {node.get_name().strip('"') for node in dot.get_nodes()}
    assert {"a", "b", "dense_x", "flat"} <= names
    arrows = {(edge.get_source().strip('"'), edge.get_destination().strip('"')) for edge in dot.get_edges()}
    assert {("a", "dense_x"), ("b", "dense_x"), ("dense_x", "flat")} <= arrows
    assert "(None, 3)" in dot.to_string() and "float32" in dot.to_string()


def test_dot_of_models_inside():
    model = nested(keras)
    assert not keras.utils.model_to_dot(model).get_subgraphs()
    dot = keras.utils.model_to_dot(model, expand_nested=True, show_layer_names=False, rankdir="LR")
    (cluster,) = dot.get_subgraphs()
    assert {node.get_name().strip('"') for node in cluster.get_nodes()} >= {"chain/one", "chain/two"}
    assert ("chain/two", "end") in {
        (edge.get_source().strip('"'), edge.get_destination().strip('"')) for edge in dot.get_edges()
    }
    with pytest.raises(ValueError, match="not built"):
        keras.utils.model_to_dot(unbuilt(keras))


def test_missing_programs(monkeypatch):
    import shutil
    import sys

    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ImportError, match="Graphviz"):
        keras.utils.plot_model(chain(keras))
    monkeypatch.setitem(sys.modules, "pydot", None)
    with pytest.raises(ImportError, match="pydot"):
        keras.utils.model_to_dot(chain(keras))
