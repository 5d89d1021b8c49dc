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


def set_image_data_format(data_format: str) -> None:
    """Sets the default data format. Raises ValueError: not one of the two."""
    if data_format not in DATA_FORMATS:
        raise ValueError(f"image_data_format must be one of {', '.join(DATA_FORMATS)}; got: {data_format!r}")
    _load()
    _settings["image_data_format"] = str(data_format)


def standardize_data_format(value: str | None) -> str:
    """`value` checked, or the default for None."""
    if value is None:
        return image_data_format()
    if value not in DATA_FORMATS:
        raise ValueError(f"data_format must be one of {', '.join(DATA_FORMATS)}; got: {value!r}")
    return value


# -- switches ------------------------------------------------------------------------------

# None: as the framework sees fit.
_flash_attention: bool | None = None
_switches = {"interactive_logging": True, "traceback_filtering": True, "unsafe_deserialization": False}
_limits: dict[str, int | None] = {}


def enable_flash_attention() -> None:
    """Lets attention use the framework's fused kernels again, where they serve the arguments."""
    global _flash_attention
    _flash_attention = None


def disable_flash_attention() -> None:
    """Keeps the framework's fused kernels out of attention that does not say `flash_attention` itself.

    A function that is compiled already goes on as it was compiled.

    Example:

    >>> keras.config.disable_flash_attention()
    >>> keras.config.is_flash_attention_enabled()
    False
    >>> keras.config.enable_flash_attention()
    """
    global _flash_attention
    _flash_attention = False


def is_flash_attention_enabled() -> bool | None:
    """False: fused kernels are kept out of attention. None: they are used where the framework has one that serves."""
    return _flash_attention


def enable_interactive_logging() -> None:
    """Progress and messages go to standard output: the default."""
    _switches["interactive_logging"] = True


def disable_interactive_logging() -> None:
    """Progress and messages go to Python's logger "triceras" at level INFO, a line when something is done.

    Example:

    >>> keras.config.disable_interactive_logging()
    >>> keras.config.is_interactive_logging_enabled()
    False
    >>> keras.config.enable_interactive_logging()
    """
    _switches["interactive_logging"] = False


def is_interactive_logging_enabled() -> bool:
    """Whether progress and messages go to standard output, not to a logger."""
    return _switches["interactive_logging"]


def enable_traceback_filtering() -> None:
    """Tracebacks of errors in `fit`, `evaluate` and `predict` leave out the frames within the package: the default."""
    _switches["traceback_filtering"] = True


def disable_traceback_filtering() -> None:
    """Tracebacks have all frames, for those who look for an error within the package.

    Example:

    >>> keras.config.disable_traceback_filtering()
    >>> keras.config.is_traceback_filtering_enabled()
    False
    >>> keras.config.enable_traceback_filtering()
    """
    _switches["traceback_filtering"] = False


def is_traceback_filtering_enabled() -> bool:
    """Whether tracebacks leave out the frames within the package."""
    return _switches["traceback_filtering"]


def enable_unsafe_deserialization() -> None:
    """Lets configurations be read that bring code of their own (a Lambda's function), everywhere in this process.

    Such code does whatever its author wished: only for files whose author is trusted.
    """
    _switches["unsafe_deserialization"] = True


def is_unsafe_deserialization_enabled() -> bool:
    """Whether `enable_unsafe_deserialization` was called."""
    return _switches["unsafe_deserialization"]


def max_epochs() -> int | None:
    """The most epochs that a `fit` runs, None for any number; at first that of KERAS_MAX_EPOCHS."""
    return _limit("max_epochs")


def set_max_epochs(max_epochs: int | None) -> None:
    """Limits every `fit` to so many epochs, to try a script out quickly; None lifts the limit.

    Raises ValueError: not a positive integer.

    Example:

    >>> keras.config.set_max_epochs(2)
    >>> keras.config.max_epochs()
    2
    >>> keras.config.set_max_epochs(None)
    """
    _limits["max_epochs"] = _checked_limit("max_epochs", max_epochs)


def max_steps_per_epoch() -> int | None:
    """The most batches an epoch of `fit`, `evaluate` and `predict` takes, None for any number.

    First that of the environment variable KERAS_MAX_STEPS_PER_EPOCH.
    """
    return _limit("max_steps_per_epoch")


def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Limits every epoch of `fit`, `evaluate` and `predict` to so many batches, the first; None lifts the limit.

    Raises ValueError: not a positive integer.

    Example:

    >>> keras.config.set_max_steps_per_epoch(10)
    >>> keras.config.max_steps_per_epoch()
    10
    >>> keras.config.set_max_steps_per_epoch(None)
    """
    _limits["max_steps_per_epoch"] = _checked_limit("max_steps_per_epoch", max_steps_per_epoch)


def _limit(name: str) -> int | None:
    if name not in _limits:
        text = os.environ.get(f"KERAS_{name.upper()}", "")
        try:
            _limits[name] = _checked_limit(name, int(text)) if text else None
        except ValueError:
            raise ValueError(f"KERAS_{name.upper()} must be a positive integer; got: {text!r}") from None
    return _limits[name]


def _checked_limit(name: str, value: int | None) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise ValueError(f"{name} must be a positive integer or None; got: {value!r}")
    return value
