"""The switches of keras.config, and what they do."""

from __future__ import annotations

import importlib.util
import logging
import os
import subprocess
import sys
import traceback
from typing import Any

import keras
import numpy as np
import pytest

import triceras

X, Y = np.zeros((100, 2), "float32"), np.zeros((100, 1), "float32")


@pytest.fixture(autouse=True)
def restored() -> Any:
    yield
    triceras.config.set_max_epochs(None)
    triceras.config.set_max_steps_per_epoch(None)
    triceras.config.enable_flash_attention()
    triceras.config.enable_interactive_logging()
    triceras.config.enable_traceback_filtering()


def model() -> Any:
    made = triceras.Sequential([triceras.layers.Dense(1)])
    made.compile("sgd", "mse")
    return made


def test_first_values_are_keras() -> None:
    names = ("flash_attention", "interactive_logging", "traceback_filtering")
    for name in names:
        ours, theirs = (getattr(k.config, f"is_{name}_enabled") for k in (triceras, keras))
        assert ours() == theirs()
        for switch in ("disable", "enable"):
            getattr(triceras.config, f"{switch}_{name}")()
            getattr(keras.config, f"{switch}_{name}")()
            assert ours() == theirs()
    assert triceras.config.is_nnx_enabled() is keras.config.is_nnx_enabled() is False
    assert triceras.config.max_epochs() is triceras.config.max_steps_per_epoch() is None


@pytest.mark.filterwarnings("ignore:.*limited to")
def test_limits() -> None:
    triceras.config.set_max_epochs(2)
    triceras.config.set_max_steps_per_epoch(3)
    made = model()
    history = made.fit(X, Y, epochs=5, batch_size=10, verbose=0, validation_data=(X, Y))
    assert history.epoch == [0, 1] and int(made.optimizer.iterations.numpy()) == 6
    assert (history.params["epochs"], history.params["steps"]) == (2, 3)
    assert made.predict(X, batch_size=10, verbose=0).shape == (30, 1)

    def endless() -> Any:
        while True:
            yield X[:10], Y[:10]

    made.fit(endless(), epochs=1, verbose=0)
    assert int(made.optimizer.iterations.numpy()) == 9
    assert made.fit(X, Y, epochs=8, initial_epoch=3, verbose=0).epoch == []


def test_limits_warn_where_fit_is_called() -> None:
    triceras.config.set_max_epochs(1)
    triceras.config.set_max_steps_per_epoch(1)
    with pytest.warns(UserWarning, match="limited") as found:
        model().fit(X, Y, epochs=2, verbose=0)
    assert {warning.filename for warning in found} == {__file__}


@pytest.mark.parametrize("value", [0, -1, 1.5, "a", True])
def test_bad_limits(value: Any) -> None:
    for name in ("max_epochs", "max_steps_per_epoch"):
        with pytest.raises(ValueError, match=name):
            getattr(triceras.config, f"set_{name}")(value)


def run(program: str, **variables: str) -> str:
    found = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | variables, capture_output=True, text=True, check=False
    )
    return found.stdout + found.stderr


def test_limits_of_the_environment() -> None:
    program = "import triceras as k; print(k.config.max_epochs(), k.config.max_steps_per_epoch())"
    assert run(program, KERAS_MAX_EPOCHS="2", KERAS_MAX_STEPS_PER_EPOCH="5").split("\n")[0] == "2 5"
    # Where TensorFlow loads Keras itself, Keras is the first to refuse it.
    assert "ValueError: " in run(program, KERAS_MAX_EPOCHS="x")


class Fails(triceras.layers.Layer):
    def call(self, x: Any) -> Any:
        raise ValueError("from a user's layer")


def frames(call: Any) -> list[str]:
    with pytest.raises(ValueError, match="from a user's layer") as found:
        call()
    return [frame.filename for frame in traceback.extract_tb(found.value.__traceback__)]


def test_tracebacks() -> None:
    made = triceras.Sequential([Fails()])
    made.compile("sgd", "mse")
    short = frames(lambda: made.fit(X, Y, verbose=0))
    assert short[-1] == __file__ and sum("compat" in name for name in short) == 1  # the one that raises it again
    triceras.config.disable_traceback_filtering()
    assert len(frames(lambda: made.fit(X, Y, verbose=0))) > len(short) + 5


def test_interactive_logging(capsys: Any, caplog: Any) -> None:
    triceras.config.disable_interactive_logging()
    assert not triceras.utils.is_interactive_logging_enabled()
    with caplog.at_level(logging.INFO, "triceras"):
        model().fit(X, Y, epochs=2)
        triceras.utils.Progbar(3).update(3)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 5 and lines[0] == "Epoch 1/2" and "loss: 0.0000" in lines[1]
    assert capsys.readouterr().out == ""
    triceras.utils.enable_interactive_logging()
    model().fit(X, Y, epochs=1)
    assert "Epoch 1/1" in capsys.readouterr().out


def test_flash_attention_changes_no_numbers() -> None:
    q = np.random.default_rng(0).normal(size=(2, 5, 3, 4)).astype("float32")
    attend = triceras.ops.dot_product_attention
    fused = triceras.ops.convert_to_numpy(attend(q, q, q, is_causal=True))
    triceras.config.disable_flash_attention()
    plain = triceras.ops.convert_to_numpy(attend(q, q, q, is_causal=True))
    np.testing.assert_allclose(plain, fused, atol=1e-6)


@pytest.mark.skipif(triceras.backend.backend() != "torch", reason="PyTorch's kernels are counted")
def test_flash_attention_is_kept_out(monkeypatch: Any) -> None:
    from torch.nn import functional

    calls = []
    fused = functional.scaled_dot_product_attention
    monkeypatch.setattr(
        functional, "scaled_dot_product_attention", lambda *args, **kwargs: calls.append(1) or fused(*args, **kwargs)
    )
    q = np.ones((1, 2, 1, 4), "float32")
    for switch, count in (("disable", 0), ("enable", 1)):
        getattr(triceras.config, f"{switch}_flash_attention")()
        triceras.ops.dot_product_attention(q, q, q)
        assert len(calls) == count


def test_another_backend() -> None:
    installed = [name for name in ("jax", "torch", "tensorflow") if importlib.util.find_spec(name)]
    others = [name for name in installed if name != triceras.backend.backend()]
    if not others:
        pytest.skip("one framework is installed: the environments of the others switch to it and back")
    program = f"""
import warnings
import numpy as np
import triceras as keras
first, old = keras.config.backend(), keras.layers.Dense(2)
keras.config.set_epsilon(1e-3)
for name in ({others[0]!r}, first):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        keras.config.set_backend(name)
    assert any("import triceras again" in str(w.message) for w in found)
    import triceras as keras
    assert keras.config.backend() == name and keras.config.epsilon() == 1e-3
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
old(np.ones((1, 2)))
print("done")
"""
    assert "done" in run(program).splitlines()
    with pytest.raises(ValueError, match="Unknown backend 'nope'"):
        triceras.config.set_backend("nope")
    triceras.config.set_backend(triceras.backend.backend())  # nothing happens


def test_orbax_checkpoints(tmp_path: Any) -> None:
    pytest.importorskip("orbax.checkpoint")
    made = model()
    callback = triceras.callbacks.OrbaxCheckpoint(tmp_path / "c", max_to_keep=2)
    made.fit(X, Y + 1, epochs=3, verbose=0, callbacks=[callback])
    assert sorted(path.name for path in (tmp_path / "c").iterdir()) == ["1", "2"]
    other = model()
    other.fit(X, Y, verbose=0)
    reader = triceras.callbacks.OrbaxCheckpoint(tmp_path / "c")
    reader.set_model(other)
    assert reader.restore() == 2
    for a, b in zip(made.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert int(other.optimizer.iterations.numpy()) == 12


def test_without_orbax(monkeypatch: Any, tmp_path: Any) -> None:
    monkeypatch.setitem(sys.modules, "orbax", None)
    with pytest.raises(ImportError, match="pip install orbax-checkpoint"):
        triceras.callbacks.OrbaxCheckpoint(tmp_path / "c")
    assert not (tmp_path / "c").exists()
