"""California's housing prices of the census of 1990: 20640 districts with 8 attributes each."""

from __future__ import annotations

from triceras.datasets.tables import Split, check_share, published, shuffled_rows

_HASH = "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
# The first districts of the file, around San Francisco Bay.
_SMALL = 600


def load_data(
    version: str = "large", path: str = "california_housing.npz", test_split: float = 0.2, seed: int = 113
) -> Split:
    """((x_train, y_train), (x_test, y_test)): x float32 (rows, 8), y the median price in dollars, (rows,).

    The columns: longitude, latitude, median age of the houses, rooms, bedrooms, population, households, median income.

    Args:
        version: "large" for all districts, "small" for the file's first 600.
        path: the name in the cache.
        test_split: the share of rows for tests, at least 0 and less than 1.
        seed: of the order of the rows.

    Raises ValueError: another version or share. Raises as `utils.get_file` does.
    """
    if version not in ("large", "small"):
        raise ValueError(f'version must be "large" or "small"; got: {version!r}')
    check_share(test_split)
    file = published("california_housing.npz", path, _HASH)
    return shuffled_rows(file, test_split, seed, _SMALL if version == "small" else None)
