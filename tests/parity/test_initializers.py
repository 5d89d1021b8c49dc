"""Every initializer of the installed Keras: values where they are determined, spread where they are drawn,
configurations, and the same bits on every backend."""

from __future__ import annotations

import inspect
import os
import zlib
from typing import Any

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras

import triceras

# Configurations, and a shape to call with.
EXACT: dict[str, list[tuple[dict[str, Any], tuple[int, ...]]]] = {
    "Zeros": [({}, (2, 3))],
    "Ones": [({}, ())],
    "Constant": [({}, (2,)), ({"value": 2.5}, (2, 3))],
    "Identity": [({}, (3, 3)), ({"gain": 2.0}, (2, 4))],
    "STFT": [
        ({}, (6, 1, 4)), ({"side": "imag"}, (6, 1, 4)), ({"window": "hamming", "scaling": "spectrum"}, (5, 1, 3)),
        ({"window": None}, (6, 1, 5)), ({"periodic": True, "scaling": None}, (6, 1, 3)),
        ({"window": "ones"}, (4, 1, 3)),
    ],
}  # fmt: skip
AXES = {"input_axes": (0,), "output_axes": (2,)}
SCALED = ("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal")
DRAWN: dict[str, list[tuple[dict[str, Any], tuple[int, ...]]]] = {
    "RandomUniform": [({"minval": -1.0, "maxval": 3.0}, (80, 50))],
    "RandomNormal": [({"mean": 1.0, "stddev": 2.0}, (80, 50))],
    "TruncatedNormal": [({"mean": 1.0, "stddev": 2.0}, (80, 50))],
    "Orthogonal": [({"gain": 2.0}, (60, 40)), ({}, (3, 4, 50))],
    "VarianceScaling": [
        *(
            ({"scale": 2.0, "mode": mode, "distribution": distribution}, (30, 120))
            for mode in ("fan_in", "fan_out", "fan_avg")
            for distribution in ("truncated_normal", "untruncated_normal", "uniform")
        ),
        ({**AXES, "mode": "fan_out"}, (10, 20, 30)), ({"input_axes": (0,)}, (10, 20, 30)), ({}, (5000,)),
        ({"input_axes": [-1, 0], "output_axes": [1], "distribution": "uniform"}, (10, 20, 30)),
    ],
    **{name: [({}, (30, 120)), (AXES, (10, 20, 30))] for name in SCALED},
}  # fmt: skip
ROWS = [(name, *row) for name, rows in (EXACT | DRAWN).items() for row in rows]


def made(k: Any, name: str, config: dict[str, Any]) -> Any:
    return getattr(k.initializers, name)(**config)


def array(k: Any, x: Any) -> np.ndarray:
    return np.asarray(k.ops.convert_to_numpy(x))


@pytest.mark.parametrize(("name", "config", "shape"), [row for row in ROWS if row[0] in EXACT], ids=str)
def test_values(name: str, config: dict[str, Any], shape: tuple[int, ...]) -> None:
    ours, theirs = (array(k, made(k, name, config)(shape)) for k in (triceras, keras))
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize(("name", "config", "shape"), [row for row in ROWS if row[0] in DRAWN], ids=str)
def test_spread(name: str, config: dict[str, Any], shape: tuple[int, ...]) -> None:
    """Moments and extremes, up to the chance in some thousand values, and the seed as the only source."""
    seeded = {**config, "seed": 1}
    ours, theirs = (array(k, made(k, name, seeded)(shape)) for k in (triceras, keras))
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    size = float(theirs.std())
    assert abs(ours.mean() - theirs.mean()) < 0.15 * size
    assert abs(ours.std() - size) < 0.05 * size
    if "Normal" not in name or name == "TruncatedNormal":  # bounded
        assert np.abs(ours).max() < 1.35 * np.abs(theirs).max()
    again = made(triceras, name, seeded)
    np.testing.assert_array_equal(array(triceras, again(shape)), ours)
    np.testing.assert_array_equal(array(triceras, again(shape)), ours)
    assert (array(triceras, made(triceras, name, {**config, "seed": 2})(shape)) != ours).any()


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (2, 3, 5)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    w = array(triceras, triceras.initializers.Orthogonal(gain=3.0, seed=1)(shape)).reshape(-1, shape[-1])
    product = w.T @ w if w.shape[0] >= w.shape[1] else w @ w.T
    np.testing.assert_allclose(product, 9 * np.eye(len(product)), atol=1e-5)


@pytest.mark.parametrize(("name", "config", "shape"), ROWS, ids=str)
def test_configuration(name: str, config: dict[str, Any], shape: tuple[int, ...]) -> None:
    ours, theirs = (made(k, name, config) for k in (triceras, keras))
    written = triceras.initializers.serialize(ours)
    if config.get("gain") and name == "Identity":  # Keras forgets it
        assert ours.get_config() == config
    else:
        assert ours.get_config() == theirs.get_config()
        assert written == keras.initializers.serialize(theirs)
    for again in (triceras.initializers.deserialize(written), triceras.initializers.get(written), ours.clone()):
        assert type(again) is type(ours) and again.get_config() == ours.get_config()
    keras.initializers.deserialize(written)
    if name in DRAWN:
        seeded = [made(k, name, {**config, "seed": k.random.SeedGenerator(3, name="s")}) for k in (triceras, keras)]
        assert seeded[0].get_config() == seeded[1].get_config()
        assert type(ours).from_config(seeded[0].get_config()).get_config() == seeded[0].get_config()


BITS = {
    "RandomUniform": 2187998064, "RandomNormal": 357720658, "TruncatedNormal": 357720658, "VarianceScaling": 1953576880,
    "GlorotUniform": 3633772789, "HeNormal": 4209633700,
}  # fmt: skip


@pytest.mark.parametrize("name", BITS)
def test_the_same_bits_on_every_backend(name: str) -> None:
    """A weight of a layer as it stands on the device, by its checksum."""
    w = triceras.Variable(made(triceras, name, {"seed": 7}), shape=(4, 5), dtype="float32")
    assert zlib.crc32(np.ascontiguousarray(w.numpy()).tobytes()) == BITS[name]


def test_every_initializer_has_rows() -> None:
    found = {c.__name__ for c in vars(keras.initializers).values() if inspect.isclass(c)}
    assert found - {"Initializer"} == set(EXACT) | set(DRAWN)


def test_names() -> None:
    k = triceras.initializers
    assert k.glorot_uniform is k.GlorotUniform and k.OrthogonalInitializer is k.Orthogonal
    np.testing.assert_array_equal(array(triceras, k.get(np.arange(3.0))((3,))), np.arange(3.0))
    assert k.get(None) is None and isinstance(k.get(k.HeNormal), k.HeNormal)


@pytest.mark.parametrize(
    ("name", "config", "shape", "says"),
    [
        ("Identity", {}, (3,), "two axes"), ("Orthogonal", {}, (3,), "two axes"), ("STFT", {}, (3, 2), "frequencies"),
        ("STFT", {"side": "x"}, (), "side"), ("STFT", {"scaling": "x"}, (), "scaling"),
        ("VarianceScaling", {"scale": -1.0}, (), "scale"), ("VarianceScaling", {"mode": "x"}, (), "mode"),
        ("VarianceScaling", {"distribution": "x"}, (), "distribution"), ("HeNormal", {"seed": "a"}, (), "seed"),
    ],
)  # fmt: skip
def test_what_is_refused(name: str, config: dict[str, Any], shape: tuple[int, ...], says: str) -> None:
    for k in (triceras, keras):
        with pytest.raises(ValueError, match=says if k is triceras else None):
            made(k, name, config)(shape)


def test_an_unknown_name() -> None:
    with pytest.raises(ValueError, match="he_normal"):
        triceras.initializers.get("he_norml")
