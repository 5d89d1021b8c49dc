"""Settings that tensors depend on, with the Keras configuration file as their source.

The file is `$KERAS_HOME/keras.json`, or `~/.keras/keras.json`: a JSON object with the keys
"backend", "floatx", "epsilon" and "image_data_format", each optional. It is read once, when
a setting is first needed, and never written.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FLOATS = ("bfloat16", "float16", "float32", "float64")
DATA_FORMATS = ("channels_first", "channels_last")

_settings: dict[str, Any] = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}
_loaded = False


def config_path() -> Path:
    """Where the configuration file would be."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "keras.json"


def read_config_file() -> dict[str, Any]:
    """The configuration file's content; empty where there is none.

    Raises ValueError: the file is not a JSON object, with its path.
    """
    path = config_path()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return {}
    except ValueError as error:
        raise ValueError(f"The configuration file {path} is not valid JSON: {error}") from None
    if not isinstance(content, dict):
        raise ValueError(f"The configuration file {path} must hold a JSON object; got: {content!r}")
    return content


def _load() -> dict[str, Any]:
    global _loaded
    if not _loaded:
        content = read_config_file()
        setters: dict[str, Any] = {
            "floatx": set_floatx,
            "epsilon": set_epsilon,
            "image_data_format": set_image_data_format,
        }
        _loaded = True
        try:
            for key, setter in setters.items():
                if key in content:
                    setter(content[key])
        except ValueError:
            _loaded = False  # the next reader must not take the defaults for the file's content
            raise
    return _settings


def floatx() -> str:
    """The default float dtype: "float32" unless set."""
    return (_settings if _loaded else _load())["floatx"]


def set_floatx(value: str) -> None:
    """Sets the default float dtype. Raises ValueError: not one of the float dtypes."""
    if value not in FLOATS:
        raise ValueError(f"floatx must be one of {', '.join(FLOATS)}; got: {value!r}")
    _load()
    _settings["floatx"] = str(value)


def epsilon() -> float:
    """The small number that keeps logarithms and divisions finite: 1e-7 unless set."""
    return (_settings if _loaded else _load())["epsilon"]


def set_epsilon(value: float) -> None:
    """Sets epsilon. Raises ValueError: not a positive number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise ValueError(f"epsilon must be a positive number; got: {value!r}")
    _load()
    _settings["epsilon"] = float(value)


def image_data_format() -> str:
    """The default place of the channel axis: "channels_last" unless set."""
    return (_settings if _loaded else _load())["image_data_format"]


def set_image_data_format(value: str) -> None:
    """Sets the default data format. Raises ValueError: not one of the two."""
    if value not in DATA_FORMATS:
        raise ValueError(f"image_data_format must be one of {', '.join(DATA_FORMATS)}; got: {value!r}")
    _load()
    _settings["image_data_format"] = str(value)


def standardize_data_format(value: str | None) -> str:
    """`value` checked, or the default for None."""
    if value is None:
        return image_data_format()
    if value not in DATA_FORMATS:
        raise ValueError(f"data_format must be one of {', '.join(DATA_FORMATS)}; got: {value!r}")
    return value
