"""Models as modules of PyTorch: frozen weights are buffers, what was learned are parameters.

The frozen half is computed as FORMAT.md has it, roundings included, so scores agree to within 1e-4; gradients pass through
roundings as if there were none.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import InputError, MissingExtraError

try:
    import torch
    from torch import nn
except ImportError as error:  # pragma: no cover
    hint = "pip install 'bias-adapters[torch]'"
    raise MissingExtraError("PyTorch is needed for `to_torch`", "missing_extra", hint) from error

if TYPE_CHECKING:
    from ._core import Adapter, Model

__all__ = ["FeedForward", "FrontEnd", "Recurrent"]

# Of the values behind a front end, as FORMAT.md has it.
_FRONT_MEAN, _FRONT_STD = 68 / 255, 59 / 255
_FRONT_LEVEL = 90.0


def _tensor(array: Any) -> torch.Tensor:
    return torch.from_numpy(np.array(array, copy=True))


class FrontEnd(nn.Module):
    """Frozen random filters over an image: both signs rectified, summed over the cells of a grid, to 8 bits.

    Buffers
    -------
    filters : ``[filters, channels, size, size]``, integers
    scales : ``[filters]``
    """

    filters: torch.Tensor
    scales: torch.Tensor

    def __init__(self, q: Any, scales: Any, spec: dict[str, Any]) -> None:
        super().__init__()
        image, front = spec["input"], spec["front"]
        self.height, self.width, self.channels = image["height"], image["width"], image.get("channels", 1)
        self.size, self.grid = front["size"], front["grid"]
        shape = (len(scales), self.size, self.size, self.channels)
        self.register_buffer("filters", _tensor(q.reshape(shape).transpose(0, 3, 1, 2).astype(np.float32)))
        self.register_buffer("scales", _tensor(scales))

    def _cells(self, length: int) -> list[range]:
        return [range(i * length // self.grid, (i + 1) * length // self.grid) for i in range(self.grid)]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[rows, height · width · channels]`` of 0 to 255, to ``[rows, grid · grid · 2 · filters]`` of 0 to 255."""
        count, filters = len(x), len(self.scales)
        image = x.reshape(count, self.height, self.width, self.channels).permute(0, 3, 1, 2)
        before = self.size // 2
        after = self.size - 1 - before
        image = nn.functional.pad(image, (before, after, before, after))
        patches = nn.functional.unfold(image, self.size)  # products of integers: exact in any order
        sums = (self.filters.reshape(filters, -1) @ patches).reshape(count, filters, self.height, self.width)
        cells = []
        for rows in self._cells(self.height):
            for columns in self._cells(self.width):
                for sign in (1, -1):
                    cell = torch.zeros(count, filters, dtype=x.dtype, device=x.device)
                    for row in rows:
                        for column in columns:
                            cell = cell + torch.relu(sign * sums[:, :, row, column])
                    cells.append(torch.sqrt(cell * self.scales))
        values = torch.stack(cells, dim=1).reshape(count, -1)
        energy = values.double().square().mean(dim=1, keepdim=True)
        factor = torch.where(energy > 0, _FRONT_LEVEL / energy.sqrt(), torch.zeros_like(energy)).float()
        return torch.floor(values * factor + 0.5).clamp(max=255)


class FeedForward(nn.Module):
    """``y = A (m ∘ φ(B x + b))``, with more hidden layers where the backbone has them.

    Parameters
    ----------
    model : Model

    Attributes
    ----------
    biases : ParameterList
        b of each hidden layer.
    gains : Parameter or None
        m, where gains are learned; a mask is a buffer.
    """

    q: torch.Tensor
    p_scales: torch.Tensor
    row_sums: torch.Tensor
    readout: torch.Tensor
    mask: torch.Tensor | None

    def __init__(self, model: Model) -> None:
        super().__init__()
        spec, adapter = model.backbone.spec, model.adapter
        lattices = model.backbone._native.lattices()
        front = spec.get("front")
        self.front = FrontEnd(lattices[0][1], lattices[0][2], spec) if front else None
        (_, q, scales), *deeper = lattices[1 if front else 0 :]
        (_, readout_q, readout_scale) = deeper.pop()
        self.register_buffer("q", _tensor(q.astype(np.float32)))
        self.register_buffer("p_scales", _tensor(scales / np.float32(255)))
        sums = q.astype(np.int64).sum(axis=1) * scales.astype(np.float64)
        self.register_buffer("row_sums", _tensor(sums.astype(np.float32)))
        for i, (_, of_layer, steps) in enumerate(deeper):
            self.register_buffer(f"hidden_{i}", _tensor(of_layer.astype(np.float32) * steps[:, None]))
        self._deeper = len(deeper)
        self.residual = bool(spec.get("residual", False))
        self.register_buffer("readout", _tensor(readout_q.astype(np.float32) * readout_scale.reshape(1, 1)))
        preprocessing = adapter.header["preprocessing"]
        self.mean, self.std = (_FRONT_MEAN, _FRONT_STD) if front else (preprocessing["mean"], preprocessing["std"])
        self.biases = nn.ParameterList([nn.Parameter(_tensor(b)) for b in adapter.biases])
        gains = adapter.gains
        is_mask = adapter.header["kind"] == "mask"
        self.gains = nn.Parameter(_tensor(gains)) if gains is not None and not is_mask else None
        self.register_buffer("mask", _tensor(gains) if gains is not None and is_mask else None)
        values = adapter.header.get("values")
        low, high = (np.asarray(values[key], dtype=np.float64) for key in ("low", "high")) if values else (None, None)
        self.register_buffer("low", None if low is None else _tensor(low))
        self.register_buffer("high", None if high is None else _tensor(high))
        target = (values or {}).get("target") or {"offset": 0.0, "unit": 1.0}
        self.offset, self.unit = target["offset"], target["unit"]
        self._adapter = adapter

    def levels(self, x: torch.Tensor) -> torch.Tensor:
        """8-bit rows, as floats: images are 0 to 255 (uint8) or 0 to 1 (floats); real values become levels of their ranges."""
        count = len(x)
        if self.low is not None:
            span = self.high - self.low
            inside = torch.minimum(torch.maximum(x.double().reshape(count, -1), self.low), self.high)
            raw = torch.where(span > 0, 255 * (inside - self.low) / torch.where(span > 0, span, 1.0), 0.0)
            return torch.floor(raw + 0.5).float()
        if x.is_floating_point():
            return torch.round(x * 255).float().reshape(count, -1)
        return x.float().reshape(count, -1)

    def preactivations(self, x: torch.Tensor) -> torch.Tensor:
        """``p = B x`` of 8-bit rows, rounded to 16 bits."""
        if self.front is not None:
            x = self.front(x)
        high = torch.floor(x / 16)  # products of four bits: exact in float32, in any order
        sums = 16 * (high @ self.q.T) + (x - 16 * high) @ self.q.T
        return (sums * self.p_scales).half().float()

    def hidden(self, p: torch.Tensor) -> torch.Tensor:
        """Activations of the last hidden layer, from pre-activations of the first."""
        h = torch.relu(p + (self.std * self.biases[0] - self.mean * self.row_sums)) / self.std
        for i in range(self._deeper):
            after = torch.relu(h @ getattr(self, f"hidden_{i}").T + self.biases[i + 1])
            h = h + after if self.residual else after
        gains = self.gains if self.gains is not None else self.mask
        return h if gains is None else h * gains

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scores of the classes ``[rows, classes]``, as :meth:`Model.logits`; of a regressor, numbers in units of its scale."""
        return self.hidden(self.preactivations(self.levels(x))) @ self.readout.T


class Recurrent(nn.Module):
    """``r_t = α r_{t−1} + β m ∘ φ(W r_{t−1} + B x_t + b)``, ``y_t = C r_t``.

    Attributes
    ----------
    biases : ParameterList of one
    gains : Parameter or None
    initial : Parameter or buffer
        The state before the first step.
    """

    recurrent: torch.Tensor
    scales: torch.Tensor
    input: torch.Tensor
    readout: torch.Tensor
    mask: torch.Tensor | None

    def __init__(self, model: Model) -> None:
        super().__init__()
        spec, adapter = model.backbone.spec, model.adapter
        (_, w, w_scales), (_, b, b_scales), (_, c, c_scale) = model.backbone._native.lattices()
        self.register_buffer("recurrent", _tensor(w.astype(np.float64)))  # integers: products are exact
        self.register_buffer("scales", _tensor(w_scales))
        self.register_buffer("input", _tensor(b.astype(np.float32) * b_scales[:, None]))
        self.register_buffer("readout", _tensor(c.astype(np.float32) * c_scale.reshape(1, 1)))
        self.alpha, self.beta = spec.get("alpha", 0.0), spec.get("beta", 1.0)
        self.biases = nn.ParameterList([nn.Parameter(_tensor(adapter.biases[0]))])
        gains = adapter.gains
        is_mask = adapter.header["kind"] == "mask"
        self.gains = nn.Parameter(_tensor(gains)) if gains is not None and not is_mask else None
        self.register_buffer("mask", _tensor(gains) if gains is not None and is_mask else None)
        learned = adapter.initial_state
        initial = _tensor(model.backbone._native.initial() if learned is None else learned)
        if learned is None:
            self.register_buffer("initial", initial)
        else:
            self.initial = nn.Parameter(initial)
        self._adapter = adapter

    def _product(self, r: torch.Tensor) -> torch.Tensor:
        """``W r``, of a state that is rounded to 16 bits first, as the kernels do it; gradients pass through the rounding."""
        largest = r.detach().abs().amax(dim=-1, keepdim=True)
        step = torch.where(largest > 0, largest / 32767, torch.ones_like(largest))
        inverse = torch.where(largest > 0, 32767 / largest, torch.zeros_like(largest))
        u = r * inverse
        u = u + (torch.round(u.detach()) - u.detach())
        exact = zip(u.double().split(512, dim=-1), self.recurrent.split(512, dim=-1), strict=True)
        sums = [(part @ weights.T).float() for part, weights in exact]  # added in this order
        return sum(sums[1:], sums[0]) * step * self.scales

    def step(self, r: torch.Tensor, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The next state ``[trajectories, units]`` and output ``[trajectories, outputs]``."""
        drive = self.biases[0] + x @ self.input.T if self.input.shape[1] else self.biases[0]
        drive = drive + self._product(r)
        active = torch.relu(drive)
        gains = self.gains if self.gains is not None else self.mask
        r = self.alpha * r + (self.beta * active if gains is None else (self.beta * gains) * active)
        return r, r @ self.readout.T

    def forward(self, x: torch.Tensor, state: torch.Tensor | None = None) -> torch.Tensor:
        """Outputs ``[steps, trajectories, outputs]`` of inputs ``[steps, trajectories, inputs]``, in the network's own units."""
        r = self.initial.expand(x.shape[1], -1) if state is None else state
        outputs = []
        for of_step in x:
            r, y = self.step(r, of_step)
            outputs.append(y)
        return torch.stack(outputs)


def module_of(model: Model) -> FeedForward | Recurrent:
    """The module of a model's family."""
    if model.does == "classifies texts":
        hint = "take `bl-run`, or `Model.predict`, for texts"
        raise InputError("texts become rows outside of the network, which a module cannot do", "texts", hint)
    module = FeedForward(model) if model.backbone.family == "feed-forward" else Recurrent(model)
    return module.eval()


def adapter_of(module: nn.Module) -> Adapter:
    """An adapter of what a module has learned."""
    if not isinstance(module, (FeedForward, Recurrent)):
        hint = "take a module from `Model.to_torch()`"
        raise InputError(f"expected a module of `Model.to_torch`, found {type(module).__name__}", "module", hint)

    def values(parameter: torch.Tensor) -> Any:
        found = parameter.detach().cpu().float().numpy()
        if not np.isfinite(found).all() or not math.isfinite(float(np.abs(found).max(initial=0.0))):
            raise InputError("expected finite parameters, found NaN or infinity", "not_finite")
        return found

    biases = [values(bias) for bias in module.biases]
    gains = None if module.gains is None else values(module.gains)
    initial = getattr(module, "initial", None)
    learned = isinstance(initial, nn.Parameter)
    return module._adapter.with_values(biases, gains, values(initial) if learned else None)
