"""Images side by side, by Matplotlib."""

from __future__ import annotations

import math
from typing import Any

from triceras.visualization.host import batch_of_images, to_bytes, to_host


def pyplot() -> Any:
    """Matplotlib's pyplot. Raises ImportError: Matplotlib is not installed."""
    try:
        from matplotlib import pyplot as plt  # noqa: PLC0415
    except ImportError:
        raise ImportError("Galleries need Matplotlib. Install it: pip install 'triceras[visualization]'.") from None
    return plt


def plot_image_gallery(
    images: Any,
    y_true: Any = None,
    y_pred: Any = None,
    label_map: dict[Any, str] | None = None,
    rows: int | None = None,
    cols: int | None = None,
    value_range: Any = (0, 255),
    scale: float = 2,
    path: Any = None,
    show: bool | None = None,
    transparent: bool = True,
    dpi: float = 60,
    legend_handles: Any = None,
    data_format: str | None = None,
) -> Any:
    """Shows images in rows and columns, or writes the picture of them to a file.

    Args:
        images: (batch, height, width, channels).
        y_true, y_pred: the label and the predicted label of each image, as titles; label_map names them.
        label_map: a dict from label to name.
        rows, cols: how many; None is as square as it gets. Images that have no place are left out.
        value_range: the least and largest value of the images.
        scale: inches an image.
        path: the file to write; the picture is closed then.
        show: whether to show the picture; None shows it unless there is a path.
        transparent, dpi: of the file.
        legend_handles: Matplotlib's handles for a legend.
        data_format: "channels_first" for (batch, channels, height, width); None is `config.image_data_format()`.

    Raises ValueError: images of another rank, labels without label_map, both path and show. Raises ImportError:
    Matplotlib is not installed.

    Example:

    >>> keras.visualization.plot_image_gallery(np.zeros((4, 8, 8, 3)), path="gallery.png")
    """
    show = path is None if show is None else show
    if path is not None and show:
        raise ValueError("plot_image_gallery either writes to a path or shows the picture; got both.")
    if (y_true is not None or y_pred is not None) and label_map is None:
        raise ValueError("With y_true or y_pred give label_map too, the labels' names.")
    found, _ = batch_of_images(images, data_format)
    low, high = value_range
    shown = to_bytes((found - low) * (255.0 / (high - low)))
    rows, cols = _grid(len(shown), rows, cols)
    plt = pyplot()
    figure, axes = plt.subplots(rows, cols, squeeze=False, figsize=(cols * scale, rows * scale), layout="tight")
    for i, axis in enumerate(axes.flat):
        axis.axis("off")
        if i < len(shown):
            image = shown[i]
            axis.imshow(image[..., 0] if image.shape[2] == 1 else image, cmap="gray" if image.shape[2] == 1 else None)
            title = _title(i, y_true, y_pred, label_map)
            if title:
                axis.set_title(title)
    if legend_handles is not None:
        figure.legend(handles=legend_handles, loc="lower center")
    if path is not None:
        figure.savefig(path, pad_inches=0, transparent=transparent, dpi=dpi)
        plt.close(figure)
    elif show:
        plt.show()
        plt.close(figure)
    return None


def _grid(count: int, rows: int | None, cols: int | None) -> tuple[int, int]:
    if rows is None and cols is None:
        cols = math.ceil(math.sqrt(count))
    if rows is None:
        rows = math.ceil(count / cols)  # type: ignore[operator]
    return rows, math.ceil(count / rows) if cols is None else cols


def _title(i: int, y_true: Any, y_pred: Any, label_map: Any) -> str:
    parts = (
        [("", y_true), ("predicted: ", y_pred)]
        if y_pred is not None and y_true is not None
        else [("", y_pred if y_true is None else y_true)]
    )
    names = [(prefix, to_host(labels)[i].item()) for prefix, labels in parts if labels is not None]
    return "\n".join(prefix + str(label_map.get(label, label)) for prefix, label in names)
