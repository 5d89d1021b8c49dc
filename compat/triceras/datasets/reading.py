"""Reads the published files without running code that they might hold.

Two kinds of them hold Python's pickles: the reviews of IMDB and the newswires of Reuters are lists of unequal lengths
in arrays of objects, and CIFAR's batches are dicts. They are read by an unpickler that makes numbers, strings, lists,
dicts and NumPy arrays and refuses all else, on top of the hash that the download is checked against.
"""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from typing import Any, BinaryIO

import numpy as np

# What a pickle of an array needs beside plain data: NumPy's function that makes an empty one, its class, its dtype.
_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("_codecs", "encode"): lambda text, encoding: text.encode(encoding),
}
# Older and newer names of the same module.
_RECONSTRUCTORS = {("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct")}


def _reconstruct(kind: Any, shape: Any, typecode: Any) -> np.ndarray[Any, Any]:
    """An empty array, which the pickle's next instruction fills."""
    if kind is not np.ndarray:
        raise pickle.UnpicklingError(f"an array of the class {kind!r}")
    return np.ndarray.__new__(np.ndarray, shape, typecode)


class PlainUnpickler(pickle.Unpickler):
    """Unpickles plain data and arrays. Raises pickle.UnpicklingError: anything else, by its name."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _RECONSTRUCTORS:
            return _reconstruct
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"The file holds {module}.{name}, which is no plain data; it was not made."
            ) from None


def read_npz(path: str | os.PathLike[str]) -> dict[str, np.ndarray[Any, Any]]:
    """The arrays of an .npz file by name, those of plain Python objects too.

    Raises ValueError: not such a file. Raises pickle.UnpicklingError: other objects.
    """
    try:
        with zipfile.ZipFile(path) as file:
            return {name.removesuffix(".npy"): _read_npy(io.BytesIO(file.read(name))) for name in file.namelist()}
    except zipfile.BadZipFile as error:
        raise ValueError(f"{os.fspath(path)!r} is no .npz file: {error}") from error


def _read_npy(file: BinaryIO) -> np.ndarray[Any, Any]:
    version = np.lib.format.read_magic(file)
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = header(file)
    if not dtype.hasobject:
        file.seek(0)
        return np.lib.format.read_array(file, allow_pickle=False)
    array = PlainUnpickler(file).load()
    if not isinstance(array, np.ndarray) or array.size != np.prod(shape, dtype=int):
        raise ValueError(f"An array of objects of shape {shape} was announced; got: {type(array).__name__}")
    return array.reshape(shape, order="F" if fortran else "C")


def read_pickle(path: str | os.PathLike[str]) -> Any:
    """The plain data of a pickle that Python 2 wrote: its strings are bytes."""
    with open(path, "rb") as file:
        return PlainUnpickler(file, encoding="bytes").load()
