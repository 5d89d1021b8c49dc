"""Structured control flow, usable inside jit and differentiable where the framework can.

State is any tree of tensors whose shapes and dtypes do not change from turn to turn.
Functions may read Variables and assign them.
"""

from __future__ import annotations

from typing import Any

from triceras_backends.contract.types import Function, Tensor, Tree


def scan(
    f: Function, init: Tree, xs: Tree = None, length: int | None = None, reverse: bool = False, unroll: Any = 1
) -> tuple[Tree, Tree]:
    """Folds f(carry, x) -> (carry, y) over the first axis of xs; the last carry and the ys stacked.

    ValueError: neither xs nor length, or lengths that differ. Differentiable.
    """


def while_loop(cond: Function, body: Function, loop_vars: Tree, maximum_iterations: int | None = None) -> Tree:
    """Repeats loop_vars = body(*loop_vars) while cond(*loop_vars). loop_vars: a tuple or list
    (unpacked), or a single tensor or tree (passed whole). Reverse-mode differentiable on JAX
    only with maximum_iterations; everywhere on PyTorch and TensorFlow.
    """


def fori_loop(lower: int, upper: int, body_fun: Function, init_val: Tree) -> Tree:
    """val = body_fun(i, val) for i in [lower, upper). Reverse-mode differentiable where bounds are Python ints."""


def cond(pred: Tensor, true_fn: Function, false_fn: Function) -> Tree:
    """true_fn() if the scalar pred else false_fn(); both give the same structure."""


def switch(index: Tensor, branches: Any, *operands: Tree) -> Tree:
    """branches[index](*operands), index clamped to the valid range."""


def map(f: Function, xs: Tree) -> Tree:
    """f applied to each slice of xs along the first axis, one after another; results stacked."""


def associative_scan(f: Function, elems: Tree, reverse: bool = False, axis: int = 0) -> Tree:
    """All prefix combinations of elems along `axis` by the associative f(a, b), which works on
    whole slices; in a logarithmic number of calls. Blelloch, CMU-CS-90-190.
    """


def vectorized_map(function: Function, elements: Tree) -> Tree:
    """function applied to each slice of elements along the first axis, all at once (vmap)."""


def vectorize(pyfunc: Function, *, excluded: Any = None, signature: str | None = None) -> Function:
    """A function of tensors that applies `pyfunc` at each element of its broadcast positional arguments.

    With a `signature` like "(m,n),(n)->(m)" (NumPy's for generalized ufuncs), to the blocks made of the last axes
    that it names, looping over those before them. Arguments whose positions or names are in `excluded`, and all
    given by keyword, are passed as they are. Slices are computed at once, so pyfunc must be made of operations.
    ValueError: pyfunc cannot be called, the signature cannot be read, or sizes differ under one name;
    TypeError: another number of arguments than the signature's.
    """
