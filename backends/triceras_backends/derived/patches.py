"""Windows as an axis of their own, and back, from slices, padding and reshapes: no gathering, no scattering."""

from __future__ import annotations

from typing import Any

from triceras_backends import config
from triceras_backends.contract.types import Tensor

Pair = tuple[int, int]


def pair(name: str, what: str, value: Any, least: int = 1) -> Pair:
    """An int for the height and one for the width."""
    values = (value, value) if isinstance(value, int) else tuple(value)
    if len(values) != 2 or any(not isinstance(v, int) or v < least for v in values):
        raise ValueError(f"{name}: {what} must be an int of at least {least} or two of them; got {value!r}.")
    return values


def windows(name: str, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> tuple[Pair, Pair, Pair, Pair]:
    """Kernel, dilation, padding and stride, each a pair."""
    return (
        pair(name, "kernel_size", kernel_size),
        pair(name, "dilation", dilation),
        pair(name, "padding", padding, 0),
        pair(name, "stride", stride),
    )


def counts(name: str, sizes: Any, kernel: Pair, dilation: Pair, padding: Pair, stride: Pair) -> tuple[Any, Any]:
    """How many windows there are in the height and in the width; None where the size is unknown."""
    found: list[int | None] = []
    for i, size in enumerate(sizes):
        reach = (kernel[i] - 1) * dilation[i] + 1
        if size is None:
            found.append(None)
        elif size + 2 * padding[i] < reach:
            raise ValueError(
                f"{name}: kernel_size {kernel} with dilation {dilation} is larger than images of size {tuple(sizes)} "
                f"with padding {padding}."
            )
        else:
            found.append((size + 2 * padding[i] - reach) // stride[i] + 1)
    return found[0], found[1]


def checked_rank(name: str, shape: Any, rank: int) -> None:
    if len(shape) != rank:
        raise ValueError(f"{name}: x must have {rank} dimensions; got shape {tuple(shape)}.")


def _sliced(b: Any, x: Tensor, axis: int, kernel: int, dilation: int, stride: int) -> Tensor:
    """The windows along an axis: that of their elements goes before it."""
    head = (slice(None),) * axis
    reach = (kernel - 1) * dilation
    # Ends counted from the back, because the size may be unknown.
    parts = [
        b.getitem(x, (*head, slice(i * dilation, (i * dilation - reach) or None, stride))) for i in range(kernel)
    ]  # fmt: skip
    return b.stack(parts, axis)


def unfold(b: Any, x: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    x = b.convert_to_tensor(x)
    shape = b.static_shape(x)
    checked_rank("unfold", shape, 4)
    kernel, dilation, padding, stride = windows("unfold", kernel_size, dilation, padding, stride)
    rows, columns = counts("unfold", shape[2:], kernel, dilation, padding, stride)
    if any(padding):
        x = b.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    x = _sliced(b, x, 2, kernel[0], dilation[0], stride[0])
    x = _sliced(b, x, 4, kernel[1], dilation[1], stride[1])  # (N, C, kernel height, rows, kernel width, columns)
    x = b.transpose(x, (0, 1, 2, 4, 3, 5))
    count = -1 if rows is None or columns is None else rows * columns
    return b.reshape(x, (b.shape(x)[0], b.shape(x)[1] * kernel[0] * kernel[1], count))


def checked_fold(shape: Any, size: Pair, kernel: Pair, dilation: Pair, padding: Pair, stride: Pair) -> tuple[int, int]:
    """How many windows fold's images have, the columns held to them."""
    checked_rank("fold", shape, 3)
    rows, columns = counts("fold", size, kernel, dilation, padding, stride)
    wanted = (kernel[0] * kernel[1], rows * columns)
    if (shape[1] or 0) % wanted[0] or shape[2] not in (None, wanted[1]):
        raise ValueError(
            f"fold: x of shape {tuple(shape)} does not fit output_size {size}: it must be (batch, a multiple of "
            f"{wanted[0]}, {wanted[1]}), as many as these windows have elements and as there are windows."
        )
    return rows, columns


def _placed(b: Any, x: Tensor, axis: int, size: int, dilation: int, stride: int) -> Tensor:
    """The adjoint of `_sliced`: windows (axis: elements, axis + 1: windows) summed into `size` places."""
    shape = list(b.shape(x))
    kernel, count = b.static_shape(x)[axis : axis + 2]
    rank = len(shape)
    if stride > 1:  # zeros between the places that one element of the windows has
        x = b.pad(b.expand_dims(x, axis + 2), [(0, 0)] * (axis + 2) + [(0, stride - 1)] + [(0, 0)] * (rank - axis - 2))
        x = b.reshape(x, (*shape[: axis + 1], count * stride, *shape[axis + 2 :]))
        spare = (slice(None),) * (axis + 1)
        x = b.getitem(x, (*spare, slice(0, (count - 1) * stride + 1)))
    total: Any = None
    length = (count - 1) * stride + 1
    for i in range(kernel):
        part = b.getitem(x, (slice(None),) * axis + (i,))
        before = i * dilation
        part = b.pad(part, [(0, 0)] * axis + [(before, size - length - before)] + [(0, 0)] * (rank - axis - 2))
        total = part if total is None else b.add(total, part)
    return total


def fold(
    b: Any, x: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Tensor:
    x = b.convert_to_tensor(x)
    size = pair("fold", "output_size", output_size)
    kernel, dilation, padding, stride = windows("fold", kernel_size, dilation, padding, stride)
    rows, columns = checked_fold(b.static_shape(x), size, kernel, dilation, padding, stride)
    batch, depth = b.shape(x)[0], b.shape(x)[1]
    x = b.reshape(x, (batch, depth // (kernel[0] * kernel[1]), *kernel, rows, columns))
    x = b.transpose(x, (0, 1, 2, 4, 3, 5))  # (N, C, kernel height, rows, kernel width, columns)
    x = _placed(b, x, 4, size[1] + 2 * padding[1], dilation[1], stride[1])
    x = _placed(b, x, 2, size[0] + 2 * padding[0], dilation[0], stride[0])
    inner = tuple(slice(p, p + n) for p, n in zip(padding, size, strict=True))
    return b.getitem(x, (slice(None), slice(None), *inner)) if any(padding) else x


def blocks(name: str, shape: Any, block_size: int, data_format: str | None) -> bool:
    """Whether the channels are first; the arguments checked but for divisibility."""
    first = config.standardize_data_format(data_format) == "channels_first"
    if not isinstance(block_size, int) or block_size < 2:
        raise ValueError(f"{name}: block_size must be an int of at least 2; got {block_size!r}.")
    checked_rank(name, shape, 4)
    divided = (1 if first else 3,) if name == "depth_to_space" else (2, 3) if first else (1, 2)
    by = block_size**2 if name == "depth_to_space" else block_size
    if any(shape[i] is not None and shape[i] % by for i in divided):
        raise ValueError(f"{name}: sizes {tuple(shape[i] for i in divided)} of x {tuple(shape)} must be multiples "
                         f"of {by}, block_size being {block_size}.")  # fmt: skip
    return first


def depth_to_space(b: Any, x: Tensor, block_size: int, data_format: str | None = "channels_last") -> Tensor:
    x, k = b.convert_to_tensor(x), block_size
    if blocks("depth_to_space", b.static_shape(x), k, data_format):
        n, c, h, w = b.shape(x)
        x = b.transpose(b.reshape(x, (n, k, k, c // k**2, h, w)), (0, 3, 4, 1, 5, 2))
        return b.reshape(x, (n, c // k**2, h * k, w * k))
    n, h, w, c = b.shape(x)
    x = b.transpose(b.reshape(x, (n, h, w, k, k, c // k**2)), (0, 1, 3, 2, 4, 5))
    return b.reshape(x, (n, h * k, w * k, c // k**2))


def space_to_depth(b: Any, x: Tensor, block_size: int, data_format: str | None = "channels_last") -> Tensor:
    x, k = b.convert_to_tensor(x), block_size
    if blocks("space_to_depth", b.static_shape(x), k, data_format):
        n, c, h, w = b.shape(x)
        x = b.transpose(b.reshape(x, (n, c, h // k, k, w // k, k)), (0, 3, 5, 1, 2, 4))
        return b.reshape(x, (n, c * k**2, h // k, w // k))
    n, h, w, c = b.shape(x)
    x = b.transpose(b.reshape(x, (n, h // k, k, w // k, k, c)), (0, 1, 3, 2, 4, 5))
    return b.reshape(x, (n, h // k, w // k, c * k**2))
