"""Every test begins from the same seed."""

from __future__ import annotations

import pytest

import triceras as keras


@pytest.fixture(autouse=True)
def seed() -> None:
    keras.utils.set_random_seed(0)
