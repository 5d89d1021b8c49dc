"""A layer's inputs compared with its `input_spec`."""

from __future__ import annotations

from typing import Any

import optree

from triceras.layers.input_spec import InputSpec
from triceras.ops import symbolic
from triceras_backends.active import backend as B


class InputChecks:
    """The part of a Layer that refuses inputs which do not fit."""

    name: str
    input_spec: Any

    def _check_inputs(self, inputs: Any) -> None:
        """Raises ValueError: an input that does not fit `input_spec`."""
        spec = self.input_spec
        if spec is None:
            return
        if spec.__class__ is InputSpec and B.is_tensor(inputs):
            problem, shape, index = spec.problem(B.static_shape(inputs)), None, 0
            if problem is None:
                return
            shape = B.static_shape(inputs)
        else:
            problem, shape, index = self._check_each(inputs, spec)
            if problem is None:
                return
        raise ValueError(
            f"Input {index} of layer {self.name!r} is incompatible with the layer: {problem}. "
            f"The input's shape is {tuple(shape)}."
        )

    def _check_each(self, inputs: Any, given: Any) -> tuple[str | None, Any, int]:
        """What is wrong with an input of several, its shape, and which it is."""
        specs = [given] if isinstance(given, InputSpec) else optree.tree_leaves(given)
        tensors = self._named_inputs(inputs, specs)
        if len(tensors) != len(specs):
            raise ValueError(f"Layer {self.name!r} takes {len(specs)} inputs, but got {len(tensors)}.")
        for index, (spec, x) in enumerate(zip(specs, tensors, strict=True)):
            if x is not None and spec is not None and hasattr(x, "shape"):
                shape = B.static_shape(x) if not symbolic.is_symbolic(x) else x.shape
                problem = spec.problem(shape)
                if problem is not None:
                    return problem, shape, index
        return None, None, 0

    def _named_inputs(self, inputs: Any, specs: list[Any]) -> list[Any]:
        """The tensors in the order of the specs: by the specs' names, where inputs are a dict and all have one."""
        if isinstance(inputs, dict) and all(spec is not None and spec.name is not None for spec in specs):
            missing = [spec.name for spec in specs if spec.name not in inputs]
            if missing:
                raise ValueError(f"Layer {self.name!r} takes inputs named {', '.join(missing)}; got {list(inputs)}.")
            return [inputs[spec.name] for spec in specs]
        return optree.tree_leaves(inputs)
