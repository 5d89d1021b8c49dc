"""compile, and the steps of training, testing and predicting: written once, overridable, run compiled."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import optree

from triceras import masks, ops, optimizers
from triceras import metrics as metrics_module
from triceras.layers.layer import Layer
from triceras.layers.tracking import unique
from triceras.ops import symbolic
from triceras.train.data import pack_x_y_sample_weight, unpack_x_y_sample_weight
from triceras.train.objectives import CompiledLoss, CompiledMetrics, Outputs, check_names
from triceras.train.pace import Pace
from triceras.train.structure import Structure
from triceras_backends.active import backend as B


class Results(Mapping[str, Any]):
    """The results of metrics by name, computed when they are looked at."""

    def __init__(self, metrics: Mapping[str, Any]) -> None:
        self._metrics = metrics

    def __getitem__(self, name: str) -> Any:
        return self._metrics[name].result()

    def __iter__(self) -> Iterator[str]:
        return iter(self._metrics)

    def __len__(self) -> int:
        return len(self._metrics)


class Steps:
    """What a Model is trained with, and what it does with one batch."""

    # What compile() makes is no part of the model's own state: files of it fit a model that is not compiled.
    UNTRACKED = Layer.UNTRACKED | {
        "_runners", "_structure", "_known", "_loss_tracker", "_compiled_loss", "_compiled_metrics",
    }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stop_training = False
        self.compiled = False
        self.optimizer: Any = None
        self.run_eagerly = False
        self.jit_compile: Any = "auto"
        self.steps_per_execution: Any = "auto"
        self._arguments: dict[str, Any] = {}
        self._loss_tracker: Any = None
        self._compiled_loss: CompiledLoss | None = None
        self._compiled_metrics: CompiledMetrics | None = None
        self._runners: dict[Any, Any] = {}
        self._structure: Structure | None = None
        self._known: Structure | None = None

    # -- compile ------------------------------------------------------------------------

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: Any = "auto",
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Says how to train.

        Args:
            optimizer: a name or an Optimizer; None where train_step is the user's own and needs none.
            loss: a name, a Loss, or a function of (y_true, y_pred); for several outputs one for all, a
                list, or a dict by output.
            loss_weights: factors of the outputs' losses in the total, a list or dict.
            metrics: a list of names, Metrics or functions; for several outputs a list of lists or a dict.
                "accuracy" and "crossentropy" fit themselves to the output.
            weighted_metrics: the same, for metrics that sample weights count in.
            run_eagerly: whether steps run as plain Python.
            steps_per_execution: steps between two looks at callbacks. "auto": as many as run in about a
                tenth of a second, or one where a callback wants each batch; results are the same.
            jit_compile: True uses the framework's compiler, False never; "auto" is the backend's best.
            auto_scale_loss: whether the loss is scaled under the dtype policy "mixed_float16".

        Raises ValueError: an unknown name (with the nearest one), or a number of steps that is not
        positive; nothing is changed then.
        """
        made = None if optimizer is None else optimizers.get(optimizer)
        check_names(loss, [metrics, weighted_metrics])
        if steps_per_execution != "auto" and not (isinstance(steps_per_execution, int) and steps_per_execution > 0):
            raise ValueError(f'steps_per_execution must be "auto" or a positive integer; got: {steps_per_execution!r}')
        scales = made is None or isinstance(made, optimizers.LossScaleOptimizer)
        if auto_scale_loss and self.dtype_policy.name == "mixed_float16" and not scales:
            made = optimizers.LossScaleOptimizer(made)  # type: ignore[arg-type]
        self.optimizer = made
        self._arguments = {
            "loss": loss, "loss_weights": loss_weights, "metrics": metrics, "weighted_metrics": weighted_metrics,
            "optimizer": optimizer,
        }  # fmt: skip
        self.run_eagerly, self.jit_compile = bool(run_eagerly), jit_compile
        self.steps_per_execution = steps_per_execution
        self._compiled_loss = self._compiled_metrics = None
        self._loss_tracker = metrics_module.Mean(name="loss")
        self.make_functions()
        self.compiled = True

    def __getstate__(self) -> dict[str, Any]:
        """What a copy or a pickle has: all but what was compiled, which it makes anew."""
        return vars(self) | {"_runners": {}, "_structure": None, "_known": None}

    def make_functions(self) -> None:
        """Forgets compiled steps: the next call compiles them anew."""
        self._runners = {}

    @property
    def compiled_metrics(self) -> CompiledMetrics | None:
        """The metrics of `compile`, once the outputs are known."""
        return self._compiled_metrics

    def _require_compiled(self, method: str) -> None:
        if not self.compiled:
            raise ValueError(f"Model {self.name!r} must be compiled before {method}(): call compile(optimizer, loss).")

    # -- steps ----------------------------------------------------------------------------

    def train_step(self, data: Any) -> Mapping[str, Any]:
        """One update from one batch; returns logs. Override it for training of your own."""
        return self.compute_metrics(*self._update(data))

    def _update(self, data: Any) -> tuple[Any, Any, Any, Any]:
        """The update of `train_step`; returns x, y, the outputs and the sample weights."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)

        def forward() -> Any:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=True)
            return self.optimizer.scale_loss(loss), loss, y_pred, _masks_of(y_pred)

        variables = self.trainable_variables
        if self.optimizer is None:
            raise ValueError(f"Model {self.name!r} was compiled without an optimizer, which its train_step needs.")
        (_, loss, y_pred, kept), gradients = B.variables_value_and_grad(forward, variables, (), {})
        if kept:
            _restore_masks(y_pred, kept)
        self.optimizer.apply(gradients, variables)
        self._track_loss(loss, x)
        return x, y, y_pred, sample_weight

    def test_step(self, data: Any) -> Mapping[str, Any]:
        """The loss and metrics of one batch; returns logs."""
        return self.compute_metrics(*self._test(data))

    def _test(self, data: Any) -> tuple[Any, Any, Any, Any]:
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=False)
        self._track_loss(loss, x)
        return x, y, y_pred, sample_weight

    def predict_step(self, data: Any) -> Any:
        """The outputs for one batch."""
        x, _, _ = unpack_x_y_sample_weight(data)
        return self(x, training=False)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The loss, a scalar: the compiled one, and what layers and regularizers add.

        Raises ValueError: neither is there, or targets are missing.
        """
        total = None
        loss = self._compiled_loss or self._make_loss(y_pred)
        if loss is not None:
            if y is None:
                raise ValueError(f"Model {self.name!r} was compiled with a loss, so it needs targets: fit(x, y).")
            total = loss(y, y_pred, sample_weight)
        for penalty in self.losses:
            total = penalty if total is None else ops.add(total, penalty)
        if total is None:
            raise ValueError(f"Model {self.name!r} has no loss: give one to compile(), or override compute_loss().")
        return total

    def stateless_compute_loss(
        self,
        trainable_variables: Any,
        non_trainable_variables: Any,
        metrics_variables: Any,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """`compute_loss` with given values of the state: (loss, (trainable, non-trainable, metrics' values))."""
        lists = self.trainable_variables, self.non_trainable_variables, self.metrics_variables
        given = (trainable_variables, non_trainable_variables, metrics_variables)
        pairs = [pair for ours, values in zip(lists, given, strict=True) for pair in zip(ours, values, strict=True)]
        with B.substituted([v for v, _ in pairs], [value for _, value in pairs]) as scope:
            loss = self.compute_loss(x, y, y_pred, sample_weight, training)
            values = [[scope.value(v) for v in ours] for ours in lists]
        return loss, tuple(values)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Mapping[str, Any]:
        """Updates the compiled metrics with one batch; returns all results by name."""
        self._update_metrics(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def _update_metrics(self, y: Any, y_pred: Any, sample_weight: Any) -> None:
        metrics = self._compiled_metrics or self._make_metrics(y, y_pred)
        if metrics is not None:
            metrics.update_state(y, y_pred, sample_weight)

    def get_metrics_result(self) -> Mapping[str, Any]:
        """Current results of the loss and all metrics, by name, on the device."""
        return {name: metric.result() for name, metric in self._named_metrics().items()}

    def _named_metrics(self) -> dict[str, Any]:
        compiled = self._compiled_metrics
        names = {} if compiled is None else {id(m): n for m, n in zip(compiled.metrics, compiled.names, strict=True)}
        found: dict[str, Any] = {}
        for metric in self.metrics:
            name = names.get(id(metric), metric.name)
            base, count = name, 0
            while name in found:
                count += 1
                name = f"{base}_{count}"
            found[name] = metric
        return found

    @property
    def metrics_names(self) -> list[str]:
        """The names that the loss and the metrics have in logs."""
        return list(self._named_metrics())

    def reset_metrics(self) -> None:
        """Forgets what the metrics have seen."""
        structure = self._structure
        if structure is None or self.metrics is not structure.metrics:  # looked up just now, or the user's own list
            for metric in self.metrics:
                metric.reset_state()
            return
        B.clear(structure.cleared)
        for metric in structure.resetting:
            metric.reset_state()

    def _track_loss(self, loss: Any, x: Any) -> None:
        leaf = x if B.is_tensor(x) else optree.tree_leaves(x)[0]
        self._loss_tracker.update_state(loss, sample_weight=ops.shape(leaf)[0])

    # -- losses and metrics, fitted to the outputs ------------------------------------------

    def _outputs(self, y_pred: Any) -> Outputs:
        return Outputs(y_pred, getattr(self, "output_names", None))

    def _make_loss(self, y_pred: Any) -> CompiledLoss | None:
        if self._arguments.get("loss") is None:
            return None
        arguments = self._arguments
        self._compiled_loss = CompiledLoss(arguments["loss"], arguments["loss_weights"], self._outputs(y_pred))
        self._forget_structure()
        return self._compiled_loss

    def _make_metrics(self, y: Any, y_pred: Any) -> CompiledMetrics | None:
        given, weighted = self._arguments.get("metrics"), self._arguments.get("weighted_metrics")
        if (given is None and weighted is None) or y is None:
            return None
        self._compiled_metrics = CompiledMetrics(given, weighted, self._outputs(y_pred), y, y_pred)
        self._forget_structure()
        return self._compiled_metrics

    @property
    def metrics(self) -> list[Any]:
        """The loss, the outputs' losses, the metrics of `compile`, and those of the layers."""
        if self._structure is not None:
            return self._structure.metrics
        trackers = [] if self._compiled_loss is None else [t for t in self._compiled_loss.trackers if t is not None]
        compiled = [] if self._compiled_metrics is None else self._compiled_metrics.metrics
        first = [] if self._loss_tracker is None else [self._loss_tracker]
        known = [*first, *trackers, *compiled]
        return [*known, *(m for m in super().metrics if not any(m is other for other in known))]

    # -- preparation ----------------------------------------------------------------------

    def _prepare(self, first: Callable[[], Any], training: bool) -> None:
        """Makes what the first step would make: weights, losses, metrics, slots of the optimizer.

        The model is only traced on the shapes of a batch, so wrong data costs nothing and changes nothing.
        """
        fits = self._arguments.get("metrics") or self._arguments.get("weighted_metrics")
        needs_metrics = fits and self._compiled_metrics is None
        needs_loss = self._compiled_loss is None and self._arguments.get("loss") is not None
        if (not self.built or needs_metrics or needs_loss) and type(self).call is not Layer.call:
            x, y, _ = unpack_x_y_sample_weight(first())
            needs_metrics = needs_metrics and y is not None
            spec = optree.tree_map(lambda a: symbolic.KerasTensor(B.static_shape(a), B.dtype_of(a)), (x, y))
            self._forget_structure()
            try:
                outputs = self._known_outputs()
                outputs = self(spec[0]) if outputs is None else outputs
            except Exception:
                if type(self).train_step is Steps.train_step:
                    raise
                outputs = None  # a step of the user's own may call the model in another way
            if outputs is not None and needs_loss:
                self._make_loss(outputs)
            if outputs is not None and needs_metrics:
                self._make_metrics(spec[1], outputs)
        if training and self.optimizer is not None and not self.optimizer.built and self.trainable_variables:
            self.optimizer.build(self.trainable_variables)

    def _known_outputs(self) -> Any:
        """The outputs as symbolic tensors, if they are known without a call."""
        return None

    def _forget_structure(self) -> None:
        """What the model consists of has changed: it is to be looked up again."""
        self._structure = self._known = None

    # -- compiled steps ---------------------------------------------------------------------

    def _runner(self, phase: str, whole: bool) -> Any:
        """A step, compiled: a function of a batch, or (`whole`) one of arrays, as `stepper` of the contract.

        A change of what is trainable makes a new one.
        """
        assert self._structure is not None  # steps run while it is fixed
        key = phase, whole, self._structure.key
        if key not in self._runners:
            self._runners[key] = self._make_runner(phase, whole)
        return self._runners[key]

    def _make_runner(self, phase: str, whole: bool) -> Any:
        jit_compile = False if self.run_eagerly else None if self.jit_compile == "auto" else self.jit_compile
        hint = [*self.variables, *(self.optimizer.variables if self.optimizer is not None else [])]
        hint = unique([*hint, *(variable for metric in self.metrics for variable in metric.variables)])
        step, lean = self._step_of(phase), self._lean(phase)

        def make(step: Callable[[Any], Any]) -> Any:
            if whole:
                return B.stepper(step, hint, jit_compile, collect=phase == "predict")
            return B.jit(step, variables=hint, jit_compile=jit_compile)

        run = make(step)
        if lean is None or run.compiled:
            return Runner(run)
        names = self._named_metrics()
        return Runner(make(lean), lambda: Results(names))

    def _step_of(self, phase: str) -> Callable[[Any], Any]:
        """The step of a phase as a function of a batch; one of the user's own gets x alone as x, as in Keras."""
        step = getattr(self, f"{phase}_step")
        if getattr(step, "__func__", None) is getattr(Steps, f"{phase}_step"):
            return step
        if len(inspect.signature(step).parameters) > 1:
            step = self._stateless(step, phase)
        return lambda batch: step(pack_x_y_sample_weight(*batch))

    def _stateless(self, step: Callable[..., Any], phase: str) -> Callable[[Any], Any]:
        """A step written as step(state, data) -> (logs, new state), as one that reads and assigns Variables.

        The state is lists of values: (trainable, non-trainable, optimizer's, metrics'), without the
        optimizer's in testing; (trainable, non-trainable) in predicting, where the new state is that
        of the non-trainable Variables alone.
        """

        def assigning(data: Any) -> Any:
            lists = [self.trainable_variables, self.non_trainable_variables]
            if phase == "train":
                lists.append([] if self.optimizer is None else self.optimizer.variables)
            if phase != "predict":
                lists.append(self.metrics_variables)
            results, state = step(tuple([v.value for v in variables] for variables in lists), data)
            if phase == "predict":
                lists, state = lists[1:], [state]
            for variables, values in zip(lists, state, strict=True):
                for variable, value in zip(variables, values, strict=True):
                    variable.assign(value)
            return results

        return assigning

    def _lean(self, phase: str) -> Callable[[Any], None] | None:
        """The step without its logs, for where computing these each time would cost; None where it is overridden."""
        plain = all(
            getattr(getattr(self, name), "__func__", None) is getattr(Steps, name)
            for name in (f"{phase}_step", "compute_metrics", "get_metrics_result")
        )
        if phase == "predict" or not plain:
            return None
        work = self._update if phase == "train" else self._test

        def lean(data: Any) -> None:
            _, y, y_pred, sample_weight = work(data)
            self._update_metrics(y, y_pred, sample_weight)

        return lean


def _masks_of(outputs: Any) -> list[Any]:
    """The masks of outputs, which may lose them when they leave a gradient; empty if there are none."""
    if not masks.in_use:
        return []
    found = [masks.get_mask(leaf) for leaf in optree.tree_leaves(outputs)]
    return [] if all(mask is None for mask in found) else found


def _restore_masks(outputs: Any, found: list[Any]) -> None:
    for leaf, mask in zip(optree.tree_leaves(outputs), found, strict=True):
        if mask is not None:
            masks.set_mask(leaf, mask)


class Runner:
    """A compiled step, how many of them to run a call, and where its logs are read from."""

    def __init__(self, run: Any, logs: Callable[[], Mapping[str, Any]] | None = None) -> None:
        self.run = run
        self.pace = Pace()
        self._logs = logs

    @property
    def traces(self) -> int:
        """How many times the step has been traced; 0 where it runs as plain Python."""
        return int(getattr(self.run, "traces", 0))

    def __call__(self, *args: Any) -> Any:
        result = self.run(*args)
        return result if self._logs is None else self._logs()
