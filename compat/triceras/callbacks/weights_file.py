"""Arrays in a file: NumPy's .npz without pickles, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from triceras_backends import dtypes

# Names of the entry that lists dtypes which NumPy's format does not know (bfloat16, float8).
_DTYPES = "__dtypes__"


def save_arrays(arrays: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Writes arrays under names; folders are made. A reader sees the old file or the new one, never a part."""
    path = os.fspath(path)
    folder = os.path.dirname(path) or "."
    os.makedirs(folder, exist_ok=True)
    found = {name: np.asarray(array) for name, array in arrays.items()}
    foreign = [f"{name}={array.dtype.name}" for name, array in found.items() if array.dtype.kind == "V"]
    plain = {name: _bytes(array) for name, array in found.items()}
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".saving-")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, allow_pickle=False, **plain, **{_DTYPES: np.array(foreign, "U")})
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def _bytes(array: Any) -> Any:
    return array.view(f"u{array.dtype.itemsize}") if array.dtype.kind == "V" else array


def load_arrays(path: str | os.PathLike[str]) -> dict[str, Any]:
    """What `save_arrays` wrote. Raises ValueError: not such a file; OSError: none there."""
    try:
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except (zipfile.BadZipFile, EOFError, KeyError) as error:
        raise ValueError(f"{os.fspath(path)!r} is damaged, or holds no saved weights: {error}") from error
    for entry in found.pop(_DTYPES, ()):
        name, _, dtype = str(entry).rpartition("=")
        found[name] = found[name].view(dtypes.numpy_dtype(dtypes.standardize_dtype(dtype)))
    return found


def save_weights(model: Any, path: str | os.PathLike[str]) -> None:
    """Writes a model's weights, in their order."""
    save_arrays({str(i): array for i, array in enumerate(model.get_weights())}, path)


def load_weights(model: Any, path: str | os.PathLike[str]) -> None:
    """Reads what `save_weights` wrote into a model of the same weights. Raises ValueError: other shapes or numbers."""
    arrays = load_arrays(path)
    model.set_weights([arrays[str(i)] for i in range(len(arrays))])
