"""Plain PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from benchmarks.suite import LINEAR_RATE, PREDICT_BATCH, RESNET_STAGES, Weights, Workload

ADAM = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-7}


# -- models ---------------------------------------------------------------------------------


def _copy(module: nn.Module, kernel: Any, bias: Any = None) -> nn.Module:
    """The module with weights in its own layout."""
    kernel = np.transpose(kernel, (3, 2, 0, 1) if kernel.ndim == 4 else (1, 0))
    with torch.no_grad():
        module.weight.copy_(torch.from_numpy(kernel.copy()))
        if bias is not None:
            module.bias.copy_(torch.from_numpy(bias))
    return module


def _linear(weights: list[Any]) -> nn.Module:
    return _copy(nn.Linear(*weights[0].shape), *weights)


def _conv(weights: list[Any], **options: Any) -> nn.Module:
    height, _, before, after = weights[0].shape
    return _copy(nn.Conv2d(before, after, height, bias=len(weights) > 1, **options), *weights)


class Encoder(nn.Module):
    """One post-norm block of a transformer, averaged over time."""

    def __init__(self, w: Weights) -> None:
        super().__init__()
        q, qb, k, kb, v, vb, o, ob = w["attention"]
        self.qkv = _linear(
            [np.concatenate([a.reshape(64, 64) for a in (q, k, v)], 1), np.concatenate([qb, kb, vb]).ravel()]
        )
        self.projection = _linear([o.reshape(64, 64), ob])
        self.norm1, self.norm2 = nn.LayerNorm(64, eps=1e-3), nn.LayerNorm(64, eps=1e-3)
        self.ffn1, self.ffn2, self.output = (_linear(w[name]) for name in ("ffn1", "ffn2", "output"))

    def forward(self, x: Any) -> Any:
        batch, length, width = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, 4, 16).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, length, width)
        x = self.norm1(x + self.projection(attended))
        x = self.norm2(x + self.ffn2(F.relu(self.ffn1(x))))
        return self.output(x.mean(1))


class Recurrent(nn.Module):
    """Embedding, LSTM, logit."""

    def __init__(self, w: Weights) -> None:
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(w["embedding"][0].copy()), freeze=False)
        kernel, recurrent, bias = (torch.from_numpy(a) for a in w["lstm"])
        self.lstm = nn.LSTM(64, 64, batch_first=True)
        with torch.no_grad():
            self.lstm.weight_ih_l0.copy_(kernel.T)
            self.lstm.weight_hh_l0.copy_(recurrent.T)
            self.lstm.bias_ih_l0.copy_(bias)
            self.lstm.bias_hh_l0.zero_()
        self.lstm.bias_hh_l0.requires_grad_(False)  # one bias, as everybody else
        self.output = _linear(w["output"])

    def forward(self, x: Any) -> Any:
        return self.output(self.lstm(self.embedding(x))[1][0][0])


class Convolution(nn.Module):
    """A padded 3x3 or 1x1 convolution and its normalisation.

    With a stride, PyTorch pads on both sides and "same" padding after the image; as much work,
    another function. `exact` pads as "same" does, so that results can be compared.
    """

    def __init__(self, w: Weights, name: str, norm: str, stride: int, exact: bool) -> None:
        super().__init__()
        size = w[name][0].shape[0]
        self.pad_after = exact and stride == 2 and size == 3
        self.conv = _conv(w[name], stride=stride, padding=0 if self.pad_after else size // 2)
        self.norm = nn.BatchNorm2d(self.conv.out_channels, eps=1e-3, momentum=0.01)

    def forward(self, x: Any) -> Any:
        return self.norm(self.conv(F.pad(x, (0, 1, 0, 1)) if self.pad_after else x))


class Residual(nn.Module):
    """Two convolutions and a shortcut."""

    def __init__(self, w: Weights, i: int, stride: int, exact: bool) -> None:
        super().__init__()
        self.first = Convolution(w, f"{i}_conv1", f"{i}_norm1", stride, exact)
        self.second = Convolution(w, f"{i}_conv2", f"{i}_norm2", 1, exact)
        short = stride > 1
        self.shortcut = Convolution(w, f"{i}_short", f"{i}_short_norm", stride, exact) if short else nn.Identity()

    def forward(self, x: Any) -> Any:
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


class MeanOverImage(nn.Module):
    def forward(self, x: Any) -> Any:
        return x.mean((2, 3))


def _convnet(w: Weights) -> nn.Module:
    kernel, bias = w["output"]
    kernel = kernel.reshape(3, 3, 64, 10).transpose(2, 0, 1, 3).reshape(576, 10)  # flattened channels first
    return nn.Sequential(
        *(_conv(w["conv1"]), nn.ReLU(), nn.MaxPool2d(2)),
        *(_conv(w["conv2"]), nn.ReLU(), nn.MaxPool2d(2)),
        *(_conv(w["conv3"]), nn.ReLU(), nn.Flatten()),
        _linear([kernel, bias]),
    )


def _resnet(w: Weights, exact: bool) -> nn.Module:
    blocks = [Residual(w, i, stride, exact) for i, (_, _, stride) in enumerate(RESNET_STAGES)]
    stem = Convolution(w, "stem", "stem_norm", 1, exact)
    return nn.Sequential(stem, nn.ReLU(), *blocks, MeanOverImage(), _linear(w["output"]))


def _model(name: str, w: Weights, exact: bool = False) -> nn.Module:
    makers: dict[str, Callable[[], nn.Module]] = {
        "mlp": lambda: nn.Sequential(_linear(w["hidden"]), nn.ReLU(), _linear(w["output"])),
        "convnet": lambda: _convnet(w),
        "lstm": lambda: Recurrent(w),
        "transformer": lambda: Encoder(w),
        "resnet": lambda: _resnet(w, exact),
    }
    return makers[name]()


# -- training -------------------------------------------------------------------------------


def _loss(logits: Any, y: Any) -> Any:
    return F.binary_cross_entropy_with_logits(logits, y) if y.is_floating_point() else F.cross_entropy(logits, y)


def _right(logits: Any, y: Any) -> Any:
    return ((logits > 0) == (y > 0.5)).sum() if y.is_floating_point() else (logits.argmax(-1) == y).sum()


def _optimizer_step(model: nn.Module, fused: bool) -> Callable[[Any], None]:
    """torch.optim, from the loss to new weights."""
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], fused=fused, **ADAM)

    def update(loss: Any) -> None:
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return update


def _lean_step(model: nn.Module) -> Callable[[Any], None]:
    """autograd.grad and the kernel below torch.optim."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    m, v = ([torch.zeros_like(p) for p in parameters] for _ in range(2))
    steps = [torch.zeros(()) for _ in parameters]

    def update(loss: Any) -> None:
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            torch._foreach_add_(steps, 1)
            torch._fused_adam_(
                parameters, gradients, m, v, [], steps,
                lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7, weight_decay=0.0, amsgrad=False, maximize=False,
            )  # fmt: skip

    return update


def _compiled_step(model: nn.Module) -> Callable[[Any, Any], Any]:
    """Forward, backward and Adam in one torch.compile."""
    p = {name: a.detach() for name, a in model.named_parameters()}
    m, v = ({name: torch.zeros_like(a) for name, a in p.items()} for _ in range(2))
    count = torch.zeros(())

    def loss_of(p: Any, x: Any, y: Any) -> Any:
        logits = torch.func.functional_call(model, p, (x,))
        return _loss(logits, y), logits

    @torch.compile
    def step(p: Any, m: Any, v: Any, count: Any, x: Any, y: Any) -> Any:
        gradients, (loss, logits) = torch.func.grad_and_value(loss_of, has_aux=True)(p, x, y)
        count.add_(1)
        rate = 1e-3 * torch.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        for name, g in gradients.items():
            m[name].add_((g - m[name]) * 0.1)
            v[name].add_((g * g - v[name]) * 0.001)
            p[name].sub_(rate * m[name] / (torch.sqrt(v[name]) + 1e-7))
        return loss, _right(logits, y)

    def run(x: Any, y: Any) -> Any:
        with torch.no_grad():
            return step(p, m, v, count, x, y)

    return run


def trainer(workload: Workload, weights: Weights, x: Any, y: Any, variant: str, exact: bool) -> Any:
    """variant: idiomatic, fused, lean, channels_last (and lean), or compiled."""
    last = variant == "channels_last"
    model = _model(workload.model, weights, exact)
    model = model.to(memory_format=torch.channels_last) if last else model
    images = x.ndim == 4
    x_all = torch.from_numpy(x.transpose(0, 3, 1, 2).copy() if images and not last else x)
    y_all = torch.from_numpy(y if y.dtype == np.float32 else y.astype("int64"))
    compiled = _compiled_step(model) if variant == "compiled" else None
    lean = variant in ("lean", "channels_last")
    update = _lean_step(model) if lean else _optimizer_step(model, variant == "fused")

    def epoch(order: Any) -> tuple[float, float]:
        total, right = torch.zeros(()), torch.zeros(())
        for rows in torch.from_numpy(order):
            xb, yb = x_all[rows], y_all[rows]
            if last:
                xb = xb.permute(0, 3, 1, 2)
            if compiled is not None:
                loss, hits = compiled(xb, yb)
                total, right = total + loss * len(rows), right + hits
                continue
            logits = model(xb)
            loss = _loss(logits, yb)
            update(loss)
            with torch.no_grad():
                total += loss.detach() * len(rows)
                right += _right(logits, yb)
        return total.item() / order.size, right.item() / order.size

    return epoch


# -- the rest -------------------------------------------------------------------------------


def predictor(workload: Workload, weights: Weights, x: Any, variant: str) -> Callable[[], Any]:
    """Batches under inference_mode."""
    model = _model(workload.model, weights).eval()

    def predict() -> Any:
        with torch.inference_mode():
            return torch.cat([model(xb) for xb in torch.from_numpy(x).split(PREDICT_BATCH)]).numpy()

    return predict


def forward(workload: Workload, weights: Weights) -> Callable[[Any], Any]:
    """The model under inference_mode."""
    return torch.inference_mode()(_model(workload.model, weights).eval())


def linear(weights: list[Any], x: Any, y: Any, variant: str) -> Callable[[], Any]:
    """backward and an update in place."""
    w, b = (torch.from_numpy(a.copy()).requires_grad_() for a in weights)
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    def step() -> Any:
        loss = torch.mean(torch.square(y - (x @ w + b)))
        loss.backward()
        with torch.no_grad():
            w.sub_(LINEAR_RATE * w.grad)
            b.sub_(LINEAR_RATE * b.grad)
        w.grad = b.grad = None
        return loss.detach()

    return step


def gradients(arrays: Any, x: Any, y: Any, variant: str) -> Callable[[], Any]:
    """torch.autograd.grad."""
    parameters = [torch.from_numpy(a.copy()).requires_grad_() for a in arrays]
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    def run() -> Any:
        w1, b1, w2, b2 = parameters
        loss = torch.mean(torch.square(torch.tanh(x @ w1 + b1) @ w2 + b2 - y))
        return torch.autograd.grad(loss, parameters)

    return run


def tensor(array: Any) -> Any:
    return torch.from_numpy(array)


def to_numpy(value: Any) -> Any:
    return value.detach().numpy()
