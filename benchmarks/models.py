"""The models, written once for everything that speaks Keras."""

from __future__ import annotations

from typing import Any

from benchmarks.suite import RESNET_STAGES, weights


def _mlp(keras: Any, base: Any) -> Any:
    layers = keras.layers
    return base(
        [keras.Input((784,)), layers.Dense(32, activation="relu", name="hidden"), layers.Dense(10, name="output")]
    )


def _convnet(keras: Any, base: Any) -> Any:
    layers = keras.layers
    return base(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu", name="conv1"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu", name="conv2"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu", name="conv3"),
            layers.Flatten(),
            layers.Dense(10, name="output"),
        ]
    )


def _lstm(keras: Any, base: Any) -> Any:
    layers = keras.layers
    return base(
        [
            keras.Input((80,), dtype="int32"),
            layers.Embedding(5000, 64, name="embedding"),
            layers.LSTM(64, name="lstm"),
            layers.Dense(1, activation="sigmoid", name="output"),
        ]
    )


def _transformer(keras: Any, base: Any) -> Any:
    layers = keras.layers
    inputs = keras.Input((64, 64))
    attended = layers.MultiHeadAttention(4, 16, name="attention")(inputs, inputs)
    x = layers.LayerNormalization(name="norm1")(layers.add([inputs, attended]))
    hidden = layers.Dense(128, activation="relu", name="ffn1")(x)
    x = layers.LayerNormalization(name="norm2")(layers.add([x, layers.Dense(64, name="ffn2")(hidden)]))
    outputs = layers.Dense(10, name="output")(layers.GlobalAveragePooling1D()(x))
    return keras.Model(inputs, outputs)


def _resnet(keras: Any, base: Any) -> Any:
    layers = keras.layers

    def convolve(x: Any, filters: int, size: int, stride: int, name: str, norm: str) -> Any:
        x = layers.Conv2D(filters, size, strides=stride, padding="same", use_bias=False, name=name)(x)
        return layers.BatchNormalization(name=norm)(x)

    def relu(x: Any) -> Any:
        return layers.Activation("relu")(x)

    inputs = keras.Input((32, 32, 3))
    x = relu(convolve(inputs, 16, 3, 1, "stem", "stem_norm"))
    for i, (_, filters, stride) in enumerate(RESNET_STAGES):
        shortcut = x if stride == 1 else convolve(x, filters, 1, stride, f"{i}_short", f"{i}_short_norm")
        x = relu(convolve(x, filters, 3, stride, f"{i}_conv1", f"{i}_norm1"))
        x = relu(layers.add([convolve(x, filters, 3, 1, f"{i}_conv2", f"{i}_norm2"), shortcut]))
    return keras.Model(inputs, layers.Dense(10, name="output")(layers.GlobalAveragePooling2D()(x)))


BUILDERS = {"mlp": _mlp, "convnet": _convnet, "lstm": _lstm, "transformer": _transformer, "resnet": _resnet}


def build(keras: Any, model: str, base: Any = None) -> Any:
    """The model with the common initial weights, not compiled. `base` is what a sequential one is made of."""
    built = BUILDERS[model](keras, base or keras.Sequential)
    by_name = {layer.name: layer for layer in built.layers}
    for name, arrays in weights(model).items():
        by_name[name].set_weights(arrays)
    return built


def compile_options(keras: Any, model: str) -> dict[str, Any]:
    """What `compile` is given."""
    if model == "lstm":
        loss: Any = "binary_crossentropy"
    else:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return {"optimizer": "adam", "loss": loss, "metrics": ["accuracy"]}
