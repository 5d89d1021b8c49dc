"""Boston's housing prices of 1978: 506 suburbs with 13 attributes each. One of them is the share of black residents,
for which the data is not fit for anything but old comparisons; `california_housing` serves the same purpose."""

from __future__ import annotations

from triceras.datasets.tables import Split, check_share, published, shuffled_rows

_HASH = "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"


def load_data(path: str = "boston_housing.npz", test_split: float = 0.2, seed: int = 113) -> Split:
    """((x_train, y_train), (x_test, y_test)): x float64 (rows, 13), y the median price in 1000 dollars, (rows,).

    Args:
        path: the name in the cache.
        test_split: the share of rows for tests, at least 0 and less than 1.
        seed: of the order of the rows.

    Raises ValueError: another share. Raises as `utils.get_file` does.
    """
    check_share(test_split)
    return shuffled_rows(published("boston_housing.npz", path, _HASH), test_split, seed)
