"""Convolution, pooling and recurrent layers refuse what does not fit, and say which layer and what it got."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import triceras as keras
from triceras import layers

LINE, IMAGE, FILM = (np.ones(shape, "float32") for shape in ((2, 7, 3), (2, 7, 8, 3), (2, 5, 6, 7, 3)))
MASK = np.ones((2, 6), bool)
NAMED: dict[str, Any] = {"name": "stem"}

CONVOLUTIONS = [
    lambda: layers.Conv1D(4, 3, **NAMED),
    lambda: layers.Conv2D(4, 3, **NAMED),
    lambda: layers.Conv3D(4, 3, **NAMED),
    lambda: layers.Conv1DTranspose(4, 3, **NAMED),
    lambda: layers.Conv2DTranspose(4, 3, **NAMED),
    lambda: layers.Conv3DTranspose(4, 3, **NAMED),
    lambda: layers.DepthwiseConv1D(3, **NAMED),
    lambda: layers.DepthwiseConv2D(3, **NAMED),
    lambda: layers.SeparableConv1D(4, 3, **NAMED),
    lambda: layers.SeparableConv2D(4, 3, **NAMED),
]
POOLS = [
    *(getattr(layers, f"{kind}Pooling{rank}D") for kind in ("Max", "Average") for rank in (1, 2, 3)),
    *(getattr(layers, f"Adaptive{kind}Pooling{rank}D") for kind in ("Max", "Average") for rank in (1, 2, 3)),
]
GLOBAL = [getattr(layers, f"Global{kind}Pooling{rank}D") for kind in ("Max", "Average") for rank in (1, 2, 3)]
SEQUENTIAL = [layers.SimpleRNN, layers.LSTM, layers.GRU]


def refused(make: Any, *parts: str, error: type[Exception] = ValueError) -> None:
    """`make` raises an error that has these parts in its text."""
    with pytest.raises(error) as caught:
        make()
    for part in parts:
        assert part in str(caught.value), f"{part!r} is not in {caught.value}"


def of_rank(rank: int) -> Any:
    return np.ones((2, *range(6, 4 + rank), 3), "float32")


@pytest.mark.parametrize("make", CONVOLUTIONS)
def test_convolutions_of_another_rank(make: Any) -> None:
    layer = make()
    refused(lambda: layer(of_rank(layer.RANK + 1)), "'stem'", f"ndim={layer.RANK + 2}")
    assert not layer.built and not layer.weights
    refused(lambda: layer.build((2, 3)), "'stem'", "(2, 3)")


@pytest.mark.parametrize("make", CONVOLUTIONS)
def test_convolutions_of_another_number_of_channels(make: Any) -> None:
    layer = make()
    x = of_rank(layer.RANK + 2)
    layer(x)
    refused(lambda: layer(x[..., :2]), "'stem'", "size 3", str(x[..., :2].shape))


@pytest.mark.parametrize("make", [make for make in CONVOLUTIONS if "Transpose" not in type(make()).__name__])
def test_windows_that_do_not_fit(make: Any) -> None:
    layer = make()
    x = np.ones((2, *(2,) * layer.RANK, 3), "float32")
    refused(lambda: layer(x), "'stem'", str((3,) * layer.RANK), str((2,) * layer.RANK))
    assert not layer.built and not layer.weights


@pytest.mark.parametrize(
    ("make", "parts"),
    [
        (lambda: layers.Conv2D(0, 3, **NAMED), ["'stem'", "filters", "0"]),
        (lambda: layers.Conv2D(2.5, 3, **NAMED), ["'stem'", "filters", "2.5"]),
        (lambda: layers.Conv2D(3, 0, **NAMED), ["'stem'", "kernel_size", "0"]),
        (lambda: layers.Conv2D(3, (3, 3, 3), **NAMED), ["'stem'", "kernel_size", "(3, 3, 3)"]),
        (lambda: layers.Conv2D(3, 3, strides=0, **NAMED), ["'stem'", "strides", "0"]),
        (lambda: layers.Conv2D(3, 3, strides=2, dilation_rate=2, **NAMED), ["'stem'", "(2, 2)"]),
        (lambda: layers.Conv2D(3, 3, padding="causal", **NAMED), ["'stem'", "padding", "causal"]),
        (lambda: layers.Conv2D(3, 3, data_format="NHWC", **NAMED), ["'stem'", "data_format", "NHWC"]),
        (lambda: layers.Conv2D(4, 3, groups=3, **NAMED), ["'stem'", "groups", "4", "3"]),
        (lambda: layers.Conv2D(4, 3, groups=0, **NAMED), ["'stem'", "groups", "0"]),
        (lambda: layers.Conv2D(4, 3, groups=2, **NAMED)(IMAGE), ["'stem'", "groups=2", str(IMAGE.shape)]),
        (lambda: layers.Conv2D(4, 3, activation="rellu"), ["rellu", "relu"]),
        (lambda: layers.Conv2D(4, 3, **NAMED).build((None, 8, 8, None)), ["'stem'", "channels"]),
        (lambda: layers.Conv2D(4, 3, lora_rank=-1, **NAMED), ["'stem'", "lora_rank", "-1"]),
        (lambda: layers.Conv2D(4, 3, **NAMED).enable_lora(2), ["'stem'", "built"]),
        (lambda: layers.Conv2D(4, 3, lora_rank=2, kernel_constraint="max_norm", **NAMED)(IMAGE), ["'stem'", "lora"]),
        (lambda: layers.DepthwiseConv1D(3, padding="causal", **NAMED), ["'stem'", "padding", "causal"]),
        (lambda: layers.DepthwiseConv2D(3, depth_multiplier=0, **NAMED), ["'stem'", "depth_multiplier"]),
        (lambda: layers.SeparableConv2D(0, 3, **NAMED), ["'stem'", "filters"]),
        (lambda: layers.Conv2DTranspose(3, 3, strides=2, output_padding=2, **NAMED), ["'stem'", "output_padding"]),
        (lambda: layers.Conv2DTranspose(3, 3, output_padding=-1, **NAMED), ["'stem'", "output_padding", "-1"]),
        (lambda: layers.MaxPooling2D(0, **NAMED), ["'stem'", "pool_size", "0"]),
        (lambda: layers.AveragePooling2D(2, strides=(1, 2, 3), **NAMED), ["'stem'", "strides", "(1, 2, 3)"]),
        (lambda: layers.MaxPooling1D(2, padding="full", **NAMED), ["'stem'", "padding", "full"]),
        (lambda: layers.MaxPooling2D(9, **NAMED)(IMAGE), ["'stem'", "(9, 9)", "(7, 8)"]),
        (lambda: layers.AveragePooling1D(9, **NAMED)(LINE), ["'stem'", "(9,)", "(7,)"]),
        (lambda: layers.GlobalMaxPooling2D(data_format="NHWC", **NAMED), ["'stem'", "data_format", "NHWC"]),
        (lambda: layers.GlobalAveragePooling1D(**NAMED)(LINE, mask=MASK), ["'stem'", "mask", "(2, 7)", "(2, 6)"]),
        (lambda: layers.AdaptiveMaxPooling2D(0, **NAMED), ["'stem'", "output_size", "0"]),
        (lambda: layers.AdaptiveMaxPooling2D((None, 2), **NAMED), ["'stem'", "output_size", "None"]),
    ],
)
def test_values_out_of_range(make: Any, parts: list[str]) -> None:
    refused(make, *parts)


@pytest.mark.parametrize("wrong", [(1, 2, 3), "2", 2.5, None])
def test_output_sizes_of_another_kind(wrong: Any) -> None:
    refused(lambda: layers.AdaptiveAveragePooling2D(wrong, **NAMED), "'stem'", "output_size", error=TypeError)


@pytest.mark.parametrize("cls", [*POOLS, *GLOBAL])
def test_pools_of_another_rank(cls: Any) -> None:
    layer = cls(**NAMED) if cls in GLOBAL else cls(2, **NAMED)
    refused(lambda: layer(of_rank(cls.RANK + 3)), "'stem'", f"ndim={cls.RANK + 2}")


def test_lora_is_enabled_once() -> None:
    layer = layers.Conv2D(4, 3, lora_rank=2, **NAMED)
    layer(IMAGE)
    refused(lambda: layer.enable_lora(2), "'stem'", "once")
    refused(lambda: layers.Conv2D(4, 3).kernel, "kernel", error=AttributeError)


@pytest.mark.parametrize("cls", SEQUENTIAL)
def test_sequences_of_another_shape(cls: Any) -> None:
    layer = cls(4, **NAMED)
    refused(lambda: layer(IMAGE), "'stem'", "ndim=3")
    assert not layer.built and not layer.weights
    layer(LINE)
    refused(lambda: layer(LINE[..., :2]), "'stem'", "size 3", "(2, 7, 2)")


@pytest.mark.parametrize("cls", SEQUENTIAL)
def test_masks_of_another_shape(cls: Any) -> None:
    layer = cls(4, **NAMED)
    refused(lambda: layer(LINE, mask=MASK), "'stem'", "mask", "(2, 7)", "(2, 6)")
    refused(lambda: layer(LINE, mask=np.ones((2, 7, 1), bool)), "'stem'", "mask", "(2, 7, 1)")


@pytest.mark.parametrize("cls", SEQUENTIAL)
def test_states_of_another_number_or_shape(cls: Any) -> None:
    layer = cls(4, **NAMED)
    count = len(layer.get_initial_state(2))
    refused(lambda: layer(LINE, initial_state=[np.zeros((2, 4))] * 3), "'stem'", "initial_state", "3")
    refused(lambda: layer(LINE, initial_state=[np.zeros((2, 3))] * count), "'stem'", "(2, 4)", "(2, 3)")
    refused(lambda: layer(LINE, initial_state=[np.zeros((3, 4))] * count), "'stem'", "(2, 4)", "(3, 4)")


@pytest.mark.parametrize(
    ("make", "parts"),
    [
        (lambda: layers.LSTM(0), ["units", "0"]),
        (lambda: layers.GRUCell(2.5, **NAMED), ["'stem'", "units", "2.5"]),
        (lambda: layers.SimpleRNN(4, dropout=2), ["dropout", "2"]),
        (lambda: layers.LSTM(4, recurrent_dropout=-1), ["recurrent_dropout", "-1"]),
        (lambda: layers.LSTM(4, use_cudnn="no", **NAMED), ["'stem'", "use_cudnn", "no"]),
        (lambda: layers.LSTM(4, stateful=True, **NAMED)(keras.Input((7, 3))), ["'stem'", "batch"]),
        (lambda: layers.LSTMCell(4, **NAMED)(LINE[:, 0], [np.zeros((2, 4))]), ["'stem'", "2", "1"]),
        (lambda: layers.RNN(3, **NAMED), ["'stem'", "call"]),
        (lambda: layers.RNN([object()]), ["call"]),
        (lambda: layers.RNN(layers.LSTMCell(4), **NAMED)(LINE[0]), ["'stem'", "(7, 3)"]),
        (lambda: layers.Bidirectional(layers.Dense(3)), ["Dense", "go_backwards"]),
        (lambda: layers.Bidirectional(3), ["3"]),
        (lambda: layers.Bidirectional(layers.LSTM(3), merge_mode="max"), ["merge_mode", "max"]),
        (lambda: layers.Bidirectional(layers.LSTM(3), backward_layer=layers.LSTM(3), **NAMED), ["'stem'", "direction"]),
        (
            lambda: layers.Bidirectional(layers.LSTM(3), **NAMED)(LINE, initial_state=[np.zeros((2, 3))] * 3),
            ["'stem'", "initial_state", "3"],
        ),
        (lambda: layers.TimeDistributed(3), ["3"]),
        (lambda: layers.TimeDistributed(layers.Dense(3), **NAMED)(LINE[0]), ["'stem'", "(7, 3)"]),
        (lambda: layers.TimeDistributed(layers.Dense(3), **NAMED)(LINE, mask=MASK), ["'stem'", "(2, 7)", "(2, 6)"]),
        (lambda: layers.ConvLSTM2D(4, 3, **NAMED)(IMAGE), ["'stem'", "ndim=5"]),
        (lambda: layers.ConvLSTM2D(4, 9, **NAMED)(FILM), ["(9, 9)", "(6, 7)"]),
        (lambda: layers.ConvLSTM2D(4, 3, strides=2, dilation_rate=2), ["(2, 2)"]),
        (lambda: layers.ConvLSTM1D(4, 3, padding="causal"), ["padding", "causal"]),
        (lambda: layers.ConvLSTM2D(4, 3, **NAMED)(FILM, mask=MASK), ["'stem'", "mask", "(2, 5)", "(2, 6)"]),
        (
            lambda: layers.ConvLSTM2D(4, 3, **NAMED)(FILM, initial_state=[np.zeros((2, 6, 7, 4))] * 2),
            ["'stem'", "(2, 4, 5, 4)", "(2, 6, 7, 4)"],
        ),
    ],
)
def test_recurrent_layers_refuse(make: Any, parts: list[str]) -> None:
    refused(make, *parts)


def test_another_number_of_channels_over_time() -> None:
    layer = layers.ConvLSTM2D(4, 3, **NAMED)
    layer(FILM)
    refused(lambda: layer(FILM[..., :2]), "'stem'", "size 3", "(2, 5, 6, 7, 2)")


def test_a_refused_call_leaves_a_model_as_it_was() -> None:
    model = keras.Sequential([layers.Conv1D(4, 3), layers.LSTM(3), layers.Dense(1)])
    model.compile("sgd", "mse")
    target = np.ones((2, 1), "float32")
    model.fit(LINE, target, verbose=0)
    before = model.get_weights()
    refused(lambda: model.fit(LINE[..., :2], target, verbose=0), "size 3")
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    model.fit(LINE, target, verbose=0)
