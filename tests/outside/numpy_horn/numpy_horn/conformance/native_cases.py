"""NumPy's own functions beside the backend's."""

from __future__ import annotations

import numpy as np

from triceras_backends.active import backend as B


def case_numpy_functions_take_and_give_tensors() -> None:
    x = B.add(B.ones((2, 3)), 1)
    assert B.is_tensor(np.sqrt(x)) and B.is_tensor(x @ x.T) and B.is_tensor(x.sum())
    np.testing.assert_allclose(B.convert_to_numpy(B.exp(np.log(x))), np.full((2, 3), 2), 1e-6)


def case_a_plain_array_becomes_a_tensor_by_conversion_only() -> None:
    x = np.ones(3, "float32")
    assert not B.is_tensor(x)
    assert B.is_tensor(B.convert_to_tensor(x)) and B.is_tensor(B.negative(x))
