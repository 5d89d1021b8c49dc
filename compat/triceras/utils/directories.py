"""Datasets of the images, texts and recordings in a folder."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from triceras.utils import resampling
from triceras.utils.images import CHANNELS, MODES, centre_crop, pillow
from triceras.utils.listings import Listing
from triceras.utils.sounds import collate_sounds, load_sound, resampler
from triceras_backends import config

_IMAGES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")


def image_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Any = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: Any = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """A dataset of the images in a folder, a folder within it a class: batches (images, labels).

    Images are float32 in 0 to 255, (batch, height, width, channels), and uint8 for interpolation="nearest". They are
    read by threads as they are used.

    Args:
        directory: the folder. Files that end in .bmp, .gif (the first frame), .jpeg, .jpg or .png count.
        labels: "inferred" takes the folders for classes; a list has a label a file, in the order of their paths; None
            gives images alone.
        label_mode: "int" gives int32 labels, "categorical" one-hot rows, "binary" 0.0 and 1.0 as (batch, 1), None no
            labels.
        class_names: the folders to take, in the order of their labels; None takes all in the order of their names.
        color_mode: "grayscale", "rgb" or "rgba": 1, 3 or 4 channels.
        batch_size: None gives image by image.
        image_size: (height, width) that all are resized to.
        shuffle: whether the files come in an order by chance, another one at each pass.
        seed: of that order.
        validation_split: the share of the files kept for validation, the last ones.
        subset: "training", "validation", or "both" for a list of two datasets.
        interpolation: "bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic".
        follow_links: whether links to folders count.
        crop_to_aspect_ratio: whether what is too wide or too high for image_size is cut off.
        pad_to_aspect_ratio: whether what is too narrow or too low gets black bars.
        data_format: "channels_first" for (batch, channels, height, width); None is `config.image_data_format()`.
        format: "tf" or "grain", without effect: the dataset is `Dataset` of `triceras.utils` on every backend.
        verbose: whether to say how many files there are.

    Returns: a dataset with the attributes class_names and file_paths.

    Raises ValueError: no images, other values of these arguments. Raises FileNotFoundError: no such folder. Raises
    ImportError: Pillow is not installed.

    Example:

    >>> import os
    >>> for name in ("cat", "dog"):
    ...     os.makedirs(f"pets/{name}")
    ...     keras.utils.save_img(f"pets/{name}/1.png", np.zeros((4, 4, 3)))
    >>> dataset = keras.utils.image_dataset_from_directory("pets", image_size=(2, 3), shuffle=False)
    Found 2 files belonging to 2 classes.
    >>> [(images.shape, labels.tolist()) for images, labels in dataset]
    [((2, 2, 3, 3), [0, 1])]
    """
    if color_mode not in CHANNELS:
        raise ValueError(f'color_mode must be "rgb", "rgba" or "grayscale"; got: {color_mode!r}')
    if len(image_size) != 2 or not all(isinstance(n, (int, np.integer)) and n > 0 for n in image_size):
        raise ValueError(f"image_size must be two positive integers, (height, width); got: {image_size!r}")
    if interpolation not in resampling.INTERPOLATIONS:
        known = ", ".join(resampling.INTERPOLATIONS)
        raise ValueError(f"interpolation must be one of {known}; got: {interpolation!r}")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("Only one of crop_to_aspect_ratio and pad_to_aspect_ratio can be True.")
    pillow()
    load = functools.partial(
        _load_image,
        color_mode=color_mode,
        size=(int(image_size[0]), int(image_size[1])),
        interpolation=interpolation,
        fit="crop" if crop_to_aspect_ratio else "pad" if pad_to_aspect_ratio else "",
        first=config.standardize_data_format(data_format) == "channels_first",
    )
    listing = Listing(
        directory, labels, label_mode, class_names, batch_size, shuffle, seed, validation_split, subset, follow_links,
        format, verbose,
    )  # fmt: skip
    return listing.datasets(_IMAGES, "images", load)


def _load_image(path: str, color_mode: str, size: tuple[int, int], interpolation: str, fit: str, first: bool) -> Any:
    with open(path, "rb") as file:
        image = _decoded(pillow().open(file), color_mode)
    if fit == "crop":
        top, left, rows, columns = centre_crop(image.shape[0], image.shape[1], *size)
        image = image[top : top + rows, left : left + columns]
    resized = (resampling.resize_and_pad if fit == "pad" else resampling.resize)(image, size, interpolation)
    return resized.transpose(2, 0, 1) if first else resized


def _decoded(image: Any, color_mode: str) -> Any:
    """The pixels in uint8, (height, width, channels)."""
    if image.mode.startswith("I"):  # 16 bits: the upper eight
        values = (np.asarray(image) >> 8).astype("uint8")[..., None]
        image = pillow().fromarray(values[..., 0])
    if image.mode != MODES[color_mode]:
        image = image.convert(MODES[color_mode])
    return np.asarray(image).reshape(image.height, image.width, CHANNELS[color_mode])


def text_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Any = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """A dataset of the texts in a folder, a folder within it a class: batches (texts, labels).

    Texts are arrays (batch,) of Python strings, read as UTF-8. Before a model they become numbers:
    `dataset.map(lambda texts, labels: (vectorize(texts), labels))`.

    Args:
        directory: the folder. Files that end in .txt count.
        max_length: so many bytes of a text at most, less what would be part of a character; None for all.
        labels, label_mode, class_names, batch_size, shuffle, seed, validation_split, subset, follow_links, format,
            verbose: as for `image_dataset_from_directory`.

    Returns: a dataset with the attributes class_names and file_paths.

    Raises ValueError: no texts, other values of these arguments. Raises FileNotFoundError: no such folder.

    Example:

    >>> import os, pathlib
    >>> for name in ("bad", "good"):
    ...     os.makedirs(f"reviews/{name}")
    ...     _ = pathlib.Path(f"reviews/{name}/1.txt").write_text(f"a {name} film")
    >>> dataset = keras.utils.text_dataset_from_directory("reviews", shuffle=False)
    Found 2 files belonging to 2 classes.
    >>> [(texts.tolist(), labels.tolist()) for texts, labels in dataset]
    [(['a bad film', 'a good film'], [0, 1])]
    """
    if max_length is not None and max_length < 1:
        raise ValueError(f"max_length must be a positive integer or None; got: {max_length!r}")
    listing = Listing(
        directory, labels, label_mode, class_names, batch_size, shuffle, seed, validation_split, subset, follow_links,
        format, verbose,
    )  # fmt: skip
    load = functools.partial(_load_text, max_length=max_length)
    return listing.datasets((".txt",), "texts", load, lambda texts: np.array(texts, dtype=object))


def _load_text(path: str, max_length: int | None) -> str:
    with open(path, "rb") as file:
        content = file.read(-1 if max_length is None else max_length)
    return content.decode("utf-8", "replace" if max_length is None else "ignore")


def audio_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Any = None,
    batch_size: int | None = 32,
    sampling_rate: int | None = None,
    output_sequence_length: int | None = None,
    ragged: bool = False,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    verbose: bool = True,
) -> Any:
    """A dataset of the recordings in a folder, a folder within it a class: batches (sounds, labels).

    Sounds are float32 in -1 to 1, (batch, samples, channels); shorter ones in a batch end in zeros.

    Args:
        directory: the folder. Files that end in .wav count, with 8 to 32 bits a sample.
        sampling_rate: samples a second to resample to, which takes SciPy; None leaves the files'.
        output_sequence_length: how many samples all sounds get, cut or with zeros at the end; None is the longest in
            the batch.
        ragged: whether a batch is an array of objects, (batch,), each sound of its own length.
        labels, label_mode, class_names, batch_size, shuffle, seed, validation_split, subset, follow_links, verbose:
            as for `image_dataset_from_directory`.

    Returns: a dataset with the attributes class_names and file_paths.

    Raises ValueError: no recordings, other values of these arguments. Raises FileNotFoundError: no such folder. Raises
    ImportError: sampling_rate without SciPy.

    Example:

    >>> import os, wave
    >>> os.makedirs("sounds/silence")
    >>> with wave.open("sounds/silence/1.wav", "wb") as file:
    ...     file.setparams((1, 2, 16000, 0, "NONE", ""))
    ...     file.writeframes(bytes(200))
    >>> dataset = keras.utils.audio_dataset_from_directory("sounds")
    Found 1 files belonging to 1 classes.
    >>> [(sounds.shape, labels.tolist()) for sounds, labels in dataset]
    [((1, 100, 1), [0])]
    """
    if ragged and output_sequence_length is not None:
        raise ValueError("Only one of ragged and output_sequence_length can be set.")
    for name, value in (("sampling_rate", sampling_rate), ("output_sequence_length", output_sequence_length)):
        if value is not None and value < 1:
            raise ValueError(f"{name} must be a positive integer or None; got: {value!r}")
    if sampling_rate is not None:
        resampler(sampling_rate)
    listing = Listing(
        directory, labels, label_mode, class_names, batch_size, shuffle, seed, validation_split, subset, follow_links,
        "tf", verbose,
    )  # fmt: skip
    load = functools.partial(load_sound, sampling_rate=sampling_rate, length=output_sequence_length)
    return listing.datasets((".wav",), "recordings", load, functools.partial(collate_sounds, ragged=ragged))
