"""Models as estimators of scikit-learn, which is optional: it is imported when one of these names is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from triceras.wrappers.estimators import SKLearnClassifier as SKLearnClassifier
    from triceras.wrappers.estimators import SKLearnRegressor as SKLearnRegressor
    from triceras.wrappers.estimators import SKLearnTransformer as SKLearnTransformer

_NAMES = ("SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer")


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from triceras.wrappers import estimators  # noqa: PLC0415
    except ImportError as error:
        raise ImportError(
            f"keras.wrappers.{name} needs scikit-learn, 1.6 or later ({error}). "
            "Install it: pip install 'triceras[sklearn]'."
        ) from error
    return getattr(estimators, name)


def __dir__() -> list[str]:
    return sorted(_NAMES)
