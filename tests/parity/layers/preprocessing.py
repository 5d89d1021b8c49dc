"""Layers that make numbers of text, categories, tables and sound.

What `adapt` finds, and encodings by lookups: tests/parity/test_preprocessing.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.parity.row import Row

WORDS = np.array([["a", "c", "zz", "a"], ["b", "", "yy", "xé"]], dtype=object)
NUMBERS = np.array([[12, 1138, 42, 42], [-3, 7, 36, 2**31 - 1]], "int64")
SMALL = np.array([[0, 1, 3, 3], [2, 2, 0, 1]], "int32")
FLOATS = np.array([[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]], "float32")
TEXTS = np.array([["The quick, brown fox!"], ["a dog's  WÖRLD a"]], dtype=object)
VOCABULARY = ["a", "b", "c"]


def _host(name: str, inputs: tuple[Any, ...], config: dict[str, Any]) -> Row:
    """A row of a layer without gradients, and whose input is not symbolic as the runner makes it."""
    return Row(name, inputs, config, gradients=False, symbolic=False)


def _two(k: Any) -> dict[str, Any]:
    return {
        "layers": [
            k.layers.Discretization(bin_boundaries=[-0.3, 0.7], name="bins"),
            k.layers.CategoryEncoding(3, output_mode="count", name="counts"),
        ]
    }


ROWS = [
    Row("Normalization", ((2, 3, 4),), {"axis": (1, -1), "mean": 2.0, "variance": 0.5, "invert": True}),
    Row("Normalization", ((3, 2),), {"axis": None, "mean": 3.0, "variance": 2.0}),
    Row("Normalization", ((3, 2),), {"mean": [1.0, 2.0], "variance": [4.0, 9.0], "dtype": "float16"}, rtol=1e-2),
    Row("Normalization", ((3, 2),), {"mean": [1.0], "variance": [4.0], "dtype": "float64"}),
    Row("Discretization", (FLOATS,), {"bin_boundaries": [0.0, 1.0, 2.0]}, gradients=False),
    *(
        Row("Discretization", (FLOATS,), {"bin_boundaries": [0.0, 1.0, 2.0], "output_mode": mode}, gradients=False)
        for mode in ("one_hot", "multi_hot", "count")
    ),
    Row("CategoryEncoding", (SMALL,), {"num_tokens": 5}),
    Row("CategoryEncoding", (SMALL,), {"num_tokens": 5, "output_mode": "one_hot"}),
    Row("CategoryEncoding", (SMALL[:, :1],), {"num_tokens": 5, "output_mode": "one_hot"}),
    Row("CategoryEncoding", (SMALL[0],), {"num_tokens": 5, "output_mode": "one_hot"}),
    Row("CategoryEncoding", (SMALL[0],), {"num_tokens": 5}, symbolic=False),
    Row("CategoryEncoding", (SMALL,), {"num_tokens": 4, "output_mode": "count"}, {"count_weights": (2, 4)}),
    _host("Hashing", (WORDS,), {"num_bins": 1000}),
    _host("Hashing", (WORDS,), {"num_bins": 7, "mask_value": "", "salt": 133}),
    _host("Hashing", (NUMBERS,), {"num_bins": 100, "salt": [3, 2**40]}),
    _host("Hashing", (NUMBERS,), {"num_bins": 3, "mask_value": 7}),
    *(_host("Hashing", (WORDS,), {"num_bins": 5, "output_mode": mode}) for mode in ("one_hot", "multi_hot", "count")),
    _host("HashedCrossing", ([WORDS[0], WORDS[1]],), {"num_bins": 1000}),
    _host("HashedCrossing", ([NUMBERS[1], np.arange(4)],), {"num_bins": 1000}),
    _host("HashedCrossing", ([WORDS[:, :1], WORDS[:, 2:3], WORDS[:, 1:2]],), {"num_bins": 5, "output_mode": "one_hot"}),
    _host("IntegerLookup", (NUMBERS,), {"vocabulary": [12, 36, 1138, 42]}),
    _host("IntegerLookup", (NUMBERS,), {"vocabulary": [12, 36], "mask_token": 42, "num_oov_indices": 3}),
    _host(
        "IntegerLookup", (NUMBERS,), {"vocabulary": [12, 36], "num_oov_indices": 4, "oov_method": "farmhash", "salt": 7}
    ),
    _host("IntegerLookup", (SMALL,), {"vocabulary": [12, 36], "invert": True}),
    _host("IntegerLookup", (NUMBERS,), {"vocabulary": [12, 36], "output_mode": "tf_idf", "idf_weights": [0.5, 0.25]}),
    _host("StringLookup", (WORDS,), {"vocabulary": VOCABULARY}),
    _host("StringLookup", (WORDS,), {"vocabulary": VOCABULARY, "mask_token": "", "num_oov_indices": 3}),
    _host("StringLookup", (WORDS,), {"vocabulary": VOCABULARY, "num_oov_indices": 5, "salt": [1, 2]}),
    _host(
        "StringLookup", (WORDS,), {"vocabulary": VOCABULARY, "output_mode": "tf_idf", "idf_weights": [0.5, 0.25, 2.0]}
    ),
    _host("TextVectorization", (TEXTS,), {"vocabulary": ["the", "dogs", "a"]}),
    _host("TextVectorization", (TEXTS,), {"vocabulary": ["the", "dogs", "a"], "output_sequence_length": 3}),
    _host("TextVectorization", (TEXTS,), {"vocabulary": ["h", "a"], "split": "character", "standardize": "lower"}),
    _host("TextVectorization", (TEXTS,), {"vocabulary": ["the quick", "fox"], "ngrams": 2}),
    _host(
        "TextVectorization", (TEXTS,), {"vocabulary": ["a", "fox"], "output_mode": "tf_idf", "idf_weights": [0.5, 2.0]}
    ),
    Row(
        "MelSpectrogram",
        ((2, 300),),
        {"fft_length": 64, "sequence_stride": 16, "num_mel_bins": 10},
        rtol=1e-4,
        atol=1e-4,
    ),
    Row(
        "MelSpectrogram",
        ((300,),),
        {
            "fft_length": 64,
            "sequence_stride": 20,
            "sequence_length": 50,
            "window": "hamming",
            "sampling_rate": 8000,
            "num_mel_bins": 7,
            "max_freq": 3000.0,
            "power_to_db": False,
            "mag_exp": 1.0,
        },
        rtol=1e-4,
        symbolic=False,
    ),
    Row(
        "MelSpectrogram",
        ((2, 3, 200),),
        {
            "fft_length": 64,
            "sequence_stride": 16,
            "num_mel_bins": 10,
            "top_db": 10.0,
            "ref_power": 2.0,
            "min_power": 1e-3,
        },
        rtol=1e-4,
        atol=1e-4,
        symbolic=False,  # Keras gives another shape for rank 3 than it computes
    ),
    Row("STFTSpectrogram", ((2, 60, 1),), {"frame_length": 16, "frame_step": 5}, rtol=1e-4, atol=1e-4),
    *(
        Row(
            "STFTSpectrogram",
            ((2, 60, 3),),
            {"frame_length": 12, "frame_step": 5, "mode": mode},
            rtol=1e-4,
            atol=1e-4,
            thorough=mode != "stft",
        )
        for mode in ("real", "imag", "magnitude", "psd", "stft")
    ),
    Row("STFTSpectrogram", ((1, 40, 1),), {"frame_length": 9, "fft_length": 15, "mode": "psd"}, rtol=1e-4, atol=1e-4),
    Row("STFTSpectrogram", ((1, 40, 1),), {"frame_length": 12, "mode": "angle"}, rtol=1e-3, atol=1e-3, gradients=False),
    Row(
        "STFTSpectrogram",
        ((2, 60, 3),),
        {"frame_length": 8, "expand_dims": True, "scaling": None, "padding": "same"},
        atol=1e-4,
    ),
    Row(
        "STFTSpectrogram",
        ((2, 3, 60),),
        {
            "frame_length": 8,
            "data_format": "channels_first",
            "scaling": "spectrum",
            "periodic": True,
            "window": "blackman",
            "mode": "psd",
        },
    ),
    Row(
        "STFTSpectrogram",
        ((2, 3, 60),),
        {
            "frame_length": 8,
            "data_format": "channels_first",
            "expand_dims": True,
            "mode": "stft",
            "window": None,
            "fft_length": 16,
        },
    ),
    Row("Pipeline", (FLOATS,), _two, gradients=False, symbolic=False),
]
