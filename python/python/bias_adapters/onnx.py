"""Models as ONNX files, for onnxruntime: the whole network, roundings of the frozen half included.

The input ``x`` is what goes into the network: of images ``uint8 [rows, height, width, channels]``, of rows of values
``double [rows, columns]``; the output ``scores`` is ``float [rows, classes]``, or ``values``, ``double [rows, outputs]``, in their own unit. Of a
forecaster, ``series`` is ``double [samples]``, and ``forecast`` ``double [samples]`` as :meth:`Model.forecast`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import InputError, MissingExtraError

try:
    import onnx
    from onnx import TensorProto, helper, numpy_helper
except ImportError as error:  # pragma: no cover
    hint = "pip install 'bias-adapters[onnx]'"
    raise MissingExtraError("onnx is needed for `to_onnx`", "missing_extra", hint) from error

if TYPE_CHECKING:
    from ._core import Model

__all__ = ["write"]

_OPSET = 17
_FRONT_MEAN, _FRONT_STD, _FRONT_LEVEL = 68 / 255, 59 / 255, 90.0


class _Graph:
    """Nodes and constants, in order."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        name = f"{self.prefix}c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value, dtype=dtype), name))
        return name

    def add(self, kind: str, *inputs: str, name: str | None = None, count: int | None = None, **attributes: Any) -> Any:
        node = f"{self.prefix}n{len(self.nodes)}"
        names = [name or node] if count is None else [f"{node}_{i}" for i in range(count)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if count is None else names


def write(model: Model, path: str | os.PathLike[str]) -> None:
    """Writes the file."""
    graph = _Graph()
    if model.backbone.family == "feed-forward":
        inputs, outputs = _feed_forward(graph, model)
    elif model.does == "forecasts a series":
        inputs, outputs = _forecaster(graph, model)
    else:
        hint = "classifiers of images, rows of values, and forecasters do"
        raise InputError(f"an adapter that {model.does} has no form in ONNX", "no_onnx", hint)
    made = helper.make_graph(graph.nodes, "bias_adapters", inputs, outputs, graph.constants)
    opset = [helper.make_opsetid("", _OPSET)]
    document = helper.make_model(made, opset_imports=opset, producer_name="bias-adapters", ir_version=8)
    for key, value in (("task", model.adapter.name), ("labels", "\n".join(model.labels)), ("version", model.adapter.version)):
        entry = document.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.checker.check_model(document)
    onnx.save(document, os.fspath(path))


def _feed_forward(graph: _Graph, model: Model) -> tuple[list[Any], list[Any]]:
    spec, adapter = model.backbone.spec, model.adapter
    header = adapter.header
    lattices = model.backbone._native.lattices()
    front = spec.get("front")
    shape = [spec["input"]["height"], spec["input"]["width"], spec["input"].get("channels", 1)]
    if "values" in header:
        columns = len(header["values"]["low"])
        inputs = [helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["rows", columns])]
        rows = _levels(graph, header["values"])
    elif "input" in header:
        inputs = [helper.make_tensor_value_info("x", TensorProto.UINT8, ["rows", *shape])]
        rows = graph.add("Cast", "x", to=TensorProto.FLOAT)
        if front:
            rows = _front(graph, rows, lattices[0], spec)
        else:
            rows = graph.add("Reshape", rows, graph.constant([0, -1], np.int64))
    else:
        hint = "take `bl-run`, or `Model.predict`, for texts"
        raise InputError("texts become rows outside of the network, which ONNX cannot do", "texts", hint)
    (_, q, scales), *deeper = lattices[1 if front else 0 :]
    (_, readout, readout_scale) = deeper.pop()
    preprocessing = header["preprocessing"]
    mean, std = (_FRONT_MEAN, _FRONT_STD) if front else (preprocessing["mean"], preprocessing["std"])
    # Products of four bits at a time are exact in float32, in any order.
    sixteen = graph.constant(16.0)
    high = graph.add("Floor", graph.add("Div", rows, sixteen))
    low = graph.add("Sub", rows, graph.add("Mul", high, sixteen))
    weights = graph.constant(q.T)
    product = graph.add("Mul", graph.add("MatMul", high, weights), sixteen)
    sums = graph.add("Add", product, graph.add("MatMul", low, weights))
    p = graph.add("Mul", sums, graph.constant(scales / np.float32(255)))
    p = graph.add("Cast", graph.add("Cast", p, to=TensorProto.FLOAT16), to=TensorProto.FLOAT)
    row_sums = (q.astype(np.int64).sum(axis=1) * scales.astype(np.float64)).astype(np.float32)
    biases = adapter.biases
    shift = np.float32(std) * biases[0] - np.float32(mean) * row_sums
    h = graph.add("Div", graph.add("Relu", graph.add("Add", p, graph.constant(shift))), graph.constant(std))
    for (_, of_layer, steps), bias in zip(deeper, biases[1:], strict=True):
        product = graph.add("MatMul", h, graph.constant((of_layer.astype(np.float32) * steps[:, None]).T))
        after = graph.add("Relu", graph.add("Add", product, graph.constant(bias)))
        h = graph.add("Add", h, after) if spec.get("residual") else after
    gains = adapter.gains
    if gains is not None:
        h = graph.add("Mul", h, graph.constant(gains))
    last = graph.constant((readout.astype(np.float32) * readout_scale.reshape(1, 1)).T)
    target = header.get("values", {}).get("target")
    outputs = model.backbone.outputs
    if target is None:
        graph.add("MatMul", h, last, name="scores")
        return inputs, [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["rows", outputs])]
    found = graph.add("Cast", graph.add("MatMul", h, last), to=TensorProto.DOUBLE)
    found = graph.add("Mul", found, graph.constant(target["unit"], np.float64))
    graph.add("Add", found, graph.constant(target["offset"], np.float64), name="values")
    return inputs, [helper.make_tensor_value_info("values", TensorProto.DOUBLE, ["rows", outputs])]


def _levels(graph: _Graph, values: dict[str, Any]) -> str:
    low, high = (np.asarray(values[key], dtype=np.float64) for key in ("low", "high"))
    span = high - low
    inside = graph.add("Min", graph.add("Max", "x", graph.constant(low, np.float64)), graph.constant(high, np.float64))
    above = graph.add("Sub", inside, graph.constant(low, np.float64))
    scaled = graph.add("Mul", above, graph.constant(255.0, np.float64))
    scaled = graph.add("Div", scaled, graph.constant(np.where(span > 0, span, 1.0), np.float64))
    levels = graph.add("Floor", graph.add("Add", scaled, graph.constant(0.5, np.float64)))
    return graph.add("Cast", levels, to=TensorProto.FLOAT)


def _front(graph: _Graph, image: str, lattice: Any, spec: dict[str, Any]) -> str:
    """Random filters, both signs rectified, summed over the cells of a grid row by row, to 8 bits."""
    _, q, scales = lattice
    height, width, channels = spec["input"]["height"], spec["input"]["width"], spec["input"].get("channels", 1)
    size, grid = spec["front"]["size"], spec["front"]["grid"]
    filters = len(scales)
    kernel = q.reshape(filters, size, size, channels).transpose(0, 3, 1, 2)
    before = size // 2
    after = size - 1 - before
    planes = graph.add("Transpose", image, perm=[0, 3, 1, 2])
    sums = graph.add("Conv", planes, graph.constant(kernel), pads=[before, before, after, after])
    both = graph.add("Concat", sums, graph.add("Neg", sums), axis=1)  # [rows, 2 filters, height, width]
    active = graph.add("Relu", both)
    rows = [(i + 1) * height // grid - i * height // grid for i in range(grid)]
    columns = [(i + 1) * width // grid - i * width // grid for i in range(grid)]
    scale = graph.constant(np.concatenate([scales, scales])[:, None, None])
    cells = []
    for strip in graph.add("Split", active, graph.constant(rows, np.int64), axis=2, count=grid):
        for cell in graph.add("Split", strip, graph.constant(columns, np.int64), axis=3, count=grid):
            at = len(cells)
            area = rows[at // grid] * columns[at % grid]
            pixels = graph.add("Reshape", cell, graph.constant([0, 0, area, 1], np.int64))
            each = graph.add("Split", pixels, graph.constant([1] * area, np.int64), axis=2, count=area)
            cells.append(graph.add("Sum", *each) if area > 1 else each[0])
    roots = [graph.add("Sqrt", graph.add("Mul", cell, scale)) for cell in cells]
    joined = graph.add("Concat", *roots, axis=2)  # [rows, 2 filters, cells, 1]
    values = graph.add("Transpose", joined, perm=[0, 2, 1, 3])
    values = graph.add("Reshape", values, graph.constant([0, -1], np.int64))
    wide = graph.add("Cast", values, to=TensorProto.DOUBLE)
    energy = graph.add("ReduceMean", graph.add("Mul", wide, wide), axes=[1], keepdims=1)
    none = graph.add("Equal", energy, graph.constant(0.0, np.float64))
    root = graph.add("Sqrt", graph.add("Where", none, graph.constant(1.0, np.float64), energy))
    factor = graph.add("Cast", graph.add("Div", graph.constant(_FRONT_LEVEL, np.float64), root), to=TensorProto.FLOAT)
    raised = graph.add("Add", graph.add("Mul", values, factor), graph.constant(0.5))
    return graph.add("Min", graph.add("Floor", raised), graph.constant(255.0))


def _forecaster(graph: _Graph, model: Model) -> tuple[list[Any], list[Any]]:
    spec, adapter = model.backbone.spec, model.adapter
    (_, w, w_scales), (_, b, b_scales), (_, c, c_scale) = model.backbone._native.lattices()
    _, _, offset, unit = model._native.signal
    initial = adapter.initial_state
    state = model.backbone._native.initial() if initial is None else initial
    gains = adapter.gains
    factor = np.float32(spec.get("beta", 1.0)) * (np.ones_like(state) if gains is None else gains)
    inputs = [helper.make_tensor_value_info("series", TensorProto.DOUBLE, ["samples"])]
    scaled = graph.add("Div", graph.add("Sub", "series", graph.constant(offset, np.float64)), graph.constant(unit, np.float64))
    x = graph.add("Cast", scaled, to=TensorProto.FLOAT)
    x = graph.add("Reshape", x, graph.constant([-1, 1], np.int64))

    body = _Graph("step_")
    weights = body.constant(w.T.astype(np.float32) * w_scales)
    drive = body.add("MatMul", "r", weights)
    drive = body.add("Add", drive, body.add("Mul", "x_t", body.constant((b.astype(np.float32) * b_scales[:, None])[:, 0])))
    active = body.add("Relu", body.add("Add", drive, body.constant(adapter.biases[0])))
    kept = body.add("Mul", "r", body.constant(spec.get("alpha", 0.0)))
    body.add("Add", kept, body.add("Mul", active, body.constant(factor)), name="r_next")
    body.add("MatMul", "r_next", body.constant((c.astype(np.float32) * c_scale.reshape(1, 1)).T), name="y_t")
    units = len(state)
    step = helper.make_graph(
        body.nodes,
        "step",
        [
            helper.make_tensor_value_info("r", TensorProto.FLOAT, [units]),
            helper.make_tensor_value_info("x_t", TensorProto.FLOAT, [1]),
        ],
        [
            helper.make_tensor_value_info("r_next", TensorProto.FLOAT, [units]),
            helper.make_tensor_value_info("y_t", TensorProto.FLOAT, [1]),
        ],
        body.constants,
    )
    first = graph.constant(state)
    graph.nodes.append(helper.make_node("Scan", [first, x], ["r_last", "y"], body=step, num_scan_inputs=1))
    y = graph.add("Cast", graph.add("Reshape", "y", graph.constant([-1], np.int64)), to=TensorProto.DOUBLE)
    y = graph.add("Mul", y, graph.constant(unit, np.float64))
    graph.add("Add", y, graph.constant(offset, np.float64), name="forecast")
    return inputs, [helper.make_tensor_value_info("forecast", TensorProto.DOUBLE, ["samples"])]
