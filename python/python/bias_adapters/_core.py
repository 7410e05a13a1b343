"""Backbones, adapters, and the models that they make."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _arrays, _native
from .errors import BiasAdaptersWarning, InputError

if TYPE_CHECKING:
    import torch

PathLike = str | os.PathLike[str]


class Backbone:
    """Frozen random weights, which any number of tasks share: the same bits on every machine, from a seed.

    Parameters
    ----------
    spec : dict or str
        What generates the weights: a dict, the text of a TOML file, or the name of one that comes with the package
        (:meth:`names`).
    width : int, optional
        Units of every hidden layer, in place of the spec's.

    Examples
    --------
    >>> from bias_adapters import Backbone
    >>> backbone = Backbone("images-pixels", width=100)
    >>> backbone.layers, backbone.inputs, backbone.outputs
    ([100], 784, 10)
    >>> backbone == Backbone(backbone.spec)
    True
    """

    def __init__(self, spec: dict[str, Any] | str, *, width: int | None = None) -> None:
        if isinstance(spec, str) and "=" not in spec:
            self._native = _native.Backbone.find(spec, width)
            return
        native = _native.Backbone.of_spec(spec if isinstance(spec, str) else json.dumps(spec))
        if width is not None and any(units != width for units in native.layers):
            changed = json.loads(native.spec_json)
            if "units" in changed:
                changed["units"] = width
            for layer in changed.get("layers", []):
                layer["units"] = width
            native = _native.Backbone.of_spec(json.dumps(changed))
        self._native = native

    @classmethod
    def _of(cls, native: _native.Backbone) -> Backbone:
        made = cls.__new__(cls)
        made._native = native
        return made

    @staticmethod
    def names() -> list[str]:
        """Names of the backbones that come with the package."""
        return _native.Backbone.names()

    @classmethod
    def load(cls, path: PathLike) -> Backbone:
        """Reads a file: a spec (``.toml``, or the ``config.json`` of a repository), or weights (``.safetensors``)."""
        return cls._of(_native.Backbone.find(os.fspath(path), None))

    def save(self, path: PathLike) -> None:
        """Writes the weights to a file. Nobody needs it who has the spec: weights are generated from that."""
        self._native.save(Path(path))

    @property
    def spec(self) -> dict[str, Any]:
        """What the weights are generated from."""
        return json.loads(self._native.spec_json)

    @property
    def fingerprint(self) -> str:
        """What identifies the weights: ``sha256:`` and 64 hex digits."""
        return self._native.fingerprint

    @property
    def family(self) -> str:
        """``"feed-forward"`` or ``"recurrent"``."""
        return self._native.family

    @property
    def layers(self) -> list[int]:
        """Units of each hidden layer."""
        return self._native.layers

    @property
    def inputs(self) -> int:
        """Values of a row, or of a step."""
        return self._native.inputs

    @property
    def outputs(self) -> int:
        """Scores of a row, or values that come out of a step."""
        return self._native.outputs

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """All matrices by name.

        Returns
        -------
        dict of ndarray
            Each ``[to, from]``, float32: integers of 8 bits times a step of each row, exactly.
        """
        return {name: q.astype(np.float32) * _steps(scales) for name, q, scales in self._native.lattices()}

    def preactivations(self, x: ArrayLike) -> NDArray[np.float32]:
        """The frozen half ``p = B x``, which needs no adapter.

        Parameters
        ----------
        x : array_like of uint8, ``[count, inputs]`` or ``[count, height, width, channels]``
            255 stands for 1.0, as for :meth:`Model.predict`.

        Returns
        -------
        ndarray of float32, ``[count, units]``
            Of the first hidden layer; rounded to 16 bits, as it is everywhere.
        """
        if self.family != "feed-forward":
            hint = "a recurrent network has a state, so nothing of it can be computed beforehand"
            raise InputError(f"expected a feed-forward backbone, found a {self.family} one", "family", hint)
        shape = self.spec["input"]
        sizes = (shape["height"], shape["width"], shape.get("channels", 1))
        return self._native.preactivations(_arrays.pixels(x, sizes))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Backbone) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __reduce__(self) -> tuple[Any, ...]:
        return _backbone_of, (self._native.spec_json, self.fingerprint)

    def __repr__(self) -> str:
        layers = " × ".join(map(str, self.layers))
        return f"<Backbone {self.family}, {self.inputs} → {layers} → {self.outputs}, {self.fingerprint[:19]}>"


def _steps(scales: NDArray[np.float32]) -> NDArray[np.float32]:
    return scales[:, None] if len(scales) > 1 else scales.reshape(1, 1)


def _backbone_of(spec: str, fingerprint: str) -> Backbone:
    """Pickles hold the spec; a package that generates other weights from it must not go unnoticed."""
    backbone = Backbone._of(_native.Backbone.of_spec(spec))
    if backbone.fingerprint != fingerprint:
        hint = "it was pickled by another version of the package: save the backbone to a file there"
        message = f"expected backbone {fingerprint}, but its spec generates {backbone.fingerprint}"
        raise InputError(message, "regenerated", hint)
    return backbone


class Adapter:
    """What a task adds to a backbone: the biases of its hidden units, or a mask or gains over them.

    Examples
    --------
    >>> from bias_adapters import Adapter
    >>> adapter = Adapter.load("adapters/mnist.safetensors")  # doctest: +SKIP
    >>> adapter.header["task"]["name"], adapter.biases[0].shape  # doctest: +SKIP
    ('mnist', (32000,))
    """

    def __init__(self, *_: Any, **__: Any) -> None:
        raise TypeError("an adapter is made by `train`, `Adapter.load`, `Adapter.from_bytes` or `Adapter.from_torch`")

    @classmethod
    def _of(cls, native: _native.Adapter) -> Adapter:
        made = cls.__new__(cls)
        made._native = native
        return made

    _native: _native.Adapter

    @classmethod
    def load(cls, source: PathLike) -> Adapter:
        """Reads and verifies a file, or ``"org/name@revision"`` from the Hugging Face Hub or its cache.

        A file or folder of that name comes first.
        """
        return cls._of(_native.Adapter.load(Path(source)))

    @classmethod
    def from_bytes(cls, data: bytes) -> Adapter:
        """Reads and verifies the bytes of a file."""
        return cls._of(_native.Adapter.of_bytes(bytes(data)))

    @classmethod
    def from_torch(cls, module: torch.nn.Module) -> Adapter:
        """The biases that were trained in a module of :meth:`Model.to_torch`, as an adapter of the same task.

        How the original was trained, and its metrics, are left out: they are not of these biases.
        """
        from .torch import adapter_of

        return adapter_of(module)

    def to_bytes(self) -> bytes:
        """The bytes of a file; the same adapter gives the same bytes."""
        return self._native.to_bytes()

    def save(self, path: PathLike) -> None:
        """Writes a file, whole or not at all."""
        self._native.save(os.fspath(path))

    @property
    def header(self) -> dict[str, Any]:
        """What the file says about itself: task, input, backbone, training, metrics (a copy)."""
        return json.loads(self._native.header_json)

    @property
    def name(self) -> str:
        """The task, such as ``"mnist"``."""
        return self.header["task"]["name"]

    @property
    def version(self) -> str:
        """SHA-256 of the file, which servers name versions by."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @property
    def metrics(self) -> dict[str, dict[str, float]]:
        """What it was worth, by part of the data: ``metrics["test"]["accuracy"]``."""
        found: dict[str, dict[str, float]] = {}
        for metric in self.header.get("metrics", []):
            found.setdefault(metric["split"], {})[metric["name"]] = metric["value"]
        return found

    @property
    def biases(self) -> list[NDArray[np.float32]]:
        """One vector ``[units]`` for each hidden layer (copies)."""
        return self._native.biases()

    @property
    def gains(self) -> NDArray[np.float32] | None:
        """What multiplies the units' activations, ``[units]``: gains, or a mask of 0 and 1; none where only biases are learned."""
        return self._native.gains()

    @property
    def initial_state(self) -> NDArray[np.float32] | None:
        """The state before the first step, ``[units]``, where it was learned."""
        return self._native.initial()

    @property
    def parameter_count(self) -> int:
        """Number of learned parameters."""
        return self._native.parameter_count

    def with_values(
        self,
        biases: Sequence[ArrayLike],
        gains: ArrayLike | None = None,
        initial_state: ArrayLike | None = None,
    ) -> Adapter:
        """The same task with other values; its training record and metrics are left out, for they are of the old ones.

        Parameters
        ----------
        biases : list of array_like, each ``[units]``
        gains : array_like, ``[units]``, optional
        initial_state : array_like, ``[units]``, optional
        """
        own = self.biases
        if len(biases) != len(own):
            raise InputError(f"expected biases of {len(own)} layers, found {len(biases)}", "layers")
        new = [_arrays.vector(b, len(o), f"biases[{i}]") for i, (b, o) in enumerate(zip(biases, own, strict=True))]
        units = len(own[0])
        return Adapter._of(
            self._native.with_values(
                new,
                None if gains is None else _arrays.vector(gains, units, "gains"),
                None if initial_state is None else _arrays.vector(initial_state, units, "initial_state"),
            )
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Adapter) and self.to_bytes() == other.to_bytes()

    def __hash__(self) -> int:
        return hash(self.to_bytes())

    def __reduce__(self) -> tuple[Any, ...]:
        return Adapter.from_bytes, (self.to_bytes(),)

    def __repr__(self) -> str:
        header = self.header
        fingerprint = header["backbone"]["fingerprint"][:19]
        return f"<Adapter `{header['task']['name']}`, {self.parameter_count} parameters, of backbone {fingerprint}>"


class Model:
    """An adapter on its backbone: what answers.

    Answers are the bits of ``bl-run``'s. All methods can be called by many threads at once; the interpreter's lock is released meanwhile.

    Parameters
    ----------
    adapter : Adapter
    backbone : Backbone, optional
        The one that it was trained on, to share it; it is generated if it is not given.

    Examples
    --------
    >>> from bias_adapters import Model
    >>> model = Model.load("adapters/mnist.safetensors")  # doctest: +SKIP
    >>> model.predict(images)  # uint8 [count, 28, 28]  # doctest: +SKIP
    array(['7', '2', '1'], dtype='<U1')
    """

    def __init__(self, adapter: Adapter, backbone: Backbone | None = None) -> None:
        self._native = _native.Model(adapter._native, None if backbone is None else backbone._native)
        self._labels = list(adapter.header["task"].get("labels", []))

    @classmethod
    def load(cls, source: PathLike, *, backbone: Backbone | None = None) -> Model:
        """Reads an adapter file, or ``"org/name@revision"`` on the Hub, and generates the backbone that it names."""
        return cls(Adapter.load(source), backbone)

    @classmethod
    def from_bytes(cls, data: bytes, *, backbone: Backbone | None = None) -> Model:
        """As :meth:`load`, of the bytes of a file."""
        return cls(Adapter.from_bytes(data), backbone)

    def save(self, path: PathLike) -> None:
        """Writes the adapter's file, which ``bl-run`` runs and serves."""
        self.adapter.save(path)

    @property
    def adapter(self) -> Adapter:
        """What the task adds."""
        return Adapter._of(self._native.adapter)

    @property
    def backbone(self) -> Backbone:
        """The frozen weights."""
        return Backbone._of(self._native.backbone)

    @property
    def does(self) -> str:
        """What it does, in three words: ``"classifies images"``."""
        return self._native.does

    @property
    def labels(self) -> list[str]:
        """The classes, in the order of the scores; none where no classes come out."""
        return list(self._labels)

    @property
    def horizon(self) -> int:
        """How many samples ahead a forecaster forecasts."""
        return self._signal()[0]

    @property
    def washout(self) -> int:
        """First samples in which the state of a forecaster settles: its forecasts are not to be relied on meanwhile."""
        return self._signal()[1]

    def _signal(self) -> tuple[int, int, float, float]:
        if self._native.signal is None:
            raise InputError(f"expected an adapter that forecasts a series, found one that {self.does}", "other_kind")
        return self._native.signal

    def logits(self, x: Any, lengths: Any = None) -> NDArray[np.float32]:
        """Scores of the classes, as they come out of the network.

        Parameters
        ----------
        x : array_like
            Of images: uint8 ``[count, height, width]`` or ``[count, values]``, 255 for 1.0; or float32 or float64 from 0 to 1,
            which is rounded to 255 levels. Of rows: real values ``[count, columns]``. Of texts: a list of strings, or of pairs.
            Of trials: real values ``[trials, time, channels]``.
        lengths : array_like of int, ``[trials]``, optional
            Steps of each trial, if they were filled up to one length.

        Returns
        -------
        ndarray of float32, ``[count, classes]``
        """
        native = self._native
        if native.trials is not None:
            if native.trials[1] not in ("mean", "end"):
                raise InputError(f"expected an adapter with a class for each trial, found one that {self.does}: `answer`", "other_kind")
            return np.concatenate(self.answer(x, lengths)).astype(np.float32)
        if native.texts:
            return native.text_scores(_arrays.texts(x, native.texts))
        if native.columns is not None:
            return native.row_scores(_arrays.real_rows(x, native.columns))
        return native.scores(self._pixels(x))

    def predict_proba(self, x: Any, lengths: Any = None) -> NDArray[np.float32]:
        """Probabilities of the classes: the softmax of :meth:`logits`, with the same arguments and shape.

        They say how the classes compare, not that an input is of any of them. Of trials they are computed by NumPy, and may differ from
        those of ``bl-run`` in the last bit; the scores do not.
        """
        native = self._native
        if native.trials is not None:
            scores = self.logits(x, lengths)
            above = np.exp(scores - scores.max(axis=1, keepdims=True))
            return above / above.sum(axis=1, keepdims=True)
        if native.texts:
            return native.text_probabilities(_arrays.texts(x, native.texts))
        if native.columns is not None:
            self._classes()
            return native.row_probabilities(_arrays.real_rows(x, native.columns))
        return native.probabilities(self._pixels(x))

    def predict(self, x: Any, lengths: Any = None) -> NDArray[Any]:
        """The most probable class of each row, or a number for each row.

        Parameters
        ----------
        x : array_like
            As for :meth:`logits`.

        Returns
        -------
        ndarray of str, ``[count]``
            Or of float64 ``[count]``, of an adapter that estimates numbers.
        """
        native = self._native
        if native.columns is not None and self.does == "estimates numbers":
            estimates = native.estimate(_arrays.real_rows(x, native.columns))
            return estimates[:, 0] if estimates.shape[1] == 1 else estimates
        return np.asarray(self._labels)[self.logits(x, lengths).argmax(axis=1)]

    def answer(self, x: Any, lengths: Any = None) -> list[NDArray[np.float64]]:
        """What an adapter of trials says of each.

        Parameters
        ----------
        x : array_like, ``[trials, time, channels]``
            In the units of training; values far outside of it are a warning.
        lengths : array_like of int, ``[trials]``, optional
            Steps of each trial, if they were filled up to one length.

        Returns
        -------
        list of ndarray of float64
            For each trial ``[steps, outputs]``: the variables in their own units, or scores of classes; ``[1, classes]`` where a trial
            has one class.
        """
        from ._trials import lengths_of, three_axes

        if self._native.trials is None:
            raise InputError(f"expected an adapter of trials, found one that {self.does}", "other_kind")
        array, channels = three_axes(x, "x"), self._native.trials[0]
        if array.shape[2] != channels:
            raise InputError(f"`x` has shape {list(array.shape)}, expected [trials, time, {channels}]", "shape")
        steps = lengths_of(lengths, *array.shape[:2])
        is_known = np.arange(array.shape[1]) < steps[:, None]
        words = self._native.unlike_training(np.ascontiguousarray(array[is_known]))
        if words is not None:
            warnings.warn(words, BiasAdaptersWarning, stacklevel=2)
        return self._native.answer(array, steps.tolist())

    def predict_files(self, path: PathLike) -> dict[str, str]:
        """The classes of the images in a file or folder, of any size: each is brought to the form of the training images."""
        names, rows = self._native.read_images(Path(path))
        return dict(zip(names, self.predict(rows).tolist(), strict=True))

    def forecast(self, y: ArrayLike) -> NDArray[np.float64]:
        """Forecasts of a series from true values (teacher-forced).

        Parameters
        ----------
        y : array_like, ``[samples]``
            More than :attr:`washout`, as far apart as those of training.

        Returns
        -------
        ndarray of float64, ``[samples]``
            The value at ``t`` is the forecast of sample ``t + horizon``, in the series' own unit.
        """
        return self._native.forecast(_arrays.series(y))

    def free_run(self, past: ArrayLike, steps: int) -> NDArray[np.float64]:
        """The samples after the end of a series, each forecast fed back in place of the true value.

        Parameters
        ----------
        past : array_like, ``[samples]``
            At least washout + horizon true values.
        steps : int

        Returns
        -------
        ndarray of float64, ``[steps]``
        """
        return self._native.free_run(_arrays.series(past, "past"), _count(steps))

    def generate(self, steps: int) -> NDArray[np.float64]:
        """The trajectory that the adapter was trained to generate, from its beginning: ``[steps]``."""
        return self._native.generate(_count(steps))

    def reach(self, target: Sequence[float]) -> dict[str, Any]:
        """Moves the arm from rest at the centre to a target.

        Parameters
        ----------
        target : (float, float)
            x and y in m.

        Returns
        -------
        dict
            ``position`` ``[steps, 2]`` in m, ``speed`` ``[steps]`` in m/s, and ``end_error`` in m.
        """
        x, y = (float(value) for value in target)
        position, speed, end_error = self._native.reach([x, y])
        return {"position": position, "speed": speed, "end_error": end_error}

    def to_torch(self) -> torch.nn.Module:
        """The network as a module of PyTorch: frozen weights as buffers, what was learned as parameters.

        Needs ``bias-adapters[torch]``.
        """
        from .torch import module_of

        return module_of(self)

    def to_onnx(self, path: PathLike) -> None:
        """Writes the network as an ONNX model, for onnxruntime. Needs ``bias-adapters[onnx]``."""
        from .onnx import write

        write(self, path)

    def _pixels(self, x: Any) -> NDArray[np.uint8]:
        shape = self._native.image_shape
        if shape is None:
            hint = "ask it by `forecast` and `free_run`, `generate` or `reach`"
            raise InputError(f"expected an adapter that classifies, found one that {self.does}", "other_kind", hint)
        return _arrays.pixels(x, shape)

    def _classes(self) -> None:
        if self.does == "estimates numbers":
            raise InputError("expected an adapter that classifies, found one that estimates numbers", "other_kind")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Model) and self.adapter == other.adapter

    def __hash__(self) -> int:
        return hash(self.adapter)

    def __reduce__(self) -> tuple[Any, ...]:
        return Model.from_bytes, (self.adapter.to_bytes(),)

    def __repr__(self) -> str:
        return f"<Model `{self.adapter.name}`: {self._native.about}>"


def _count(steps: int) -> int:
    if not isinstance(steps, (int, np.integer)) or isinstance(steps, bool) or steps < 1:
        raise InputError(f"`steps` is {steps!r}, expected a whole number from 1", "steps")
    return int(steps)


class Runtime:
    """Many adapters by name, over the backbones that they share; a swap is one pointer.

    Examples
    --------
    >>> from bias_adapters import Runtime
    >>> runtime = Runtime()
    >>> version = runtime.load("mnist", "adapters/mnist.safetensors")  # doctest: +SKIP
    >>> runtime.predict(images, ["mnist", "kmnist", "mnist"])  # a name per row  # doctest: +SKIP
    ['7', 'o', '1']
    """

    def __init__(self) -> None:
        self._native = _native.Runtime()

    def load(self, name: str, source: PathLike | Adapter | Model, *, expected: str | None = None) -> str:
        """Lets a name stand for an adapter from now on. Who asks at this moment is answered by the old one or the new one, whole.

        Parameters
        ----------
        name : str
        source : path, "org/name@revision", Adapter or Model
        expected : str, optional
            The version that the name must stand for now, or ``""`` for none: else it is an error (compare-and-swap).

        Returns
        -------
        str
            The version: the SHA-256 of the adapter's file.
        """
        if isinstance(source, Model):
            source = source.adapter
        adapter = source if isinstance(source, Adapter) else Adapter.load(source)
        return self._native.publish(name, adapter._native, expected)

    def unload(self, name: str) -> None:
        """Forgets a name."""
        self._native.unload(name)

    def __getitem__(self, name: str) -> str:
        """The version that a name stands for."""
        self._native.labels(name)
        return dict(self._native.list())[name]

    def __contains__(self, name: object) -> bool:
        return name in dict(self._native.list())

    def __len__(self) -> int:
        return len(self._native.list())

    def __iter__(self) -> Any:
        return iter([name for name, _ in self._native.list()])

    @property
    def resident_bytes(self) -> int:
        """Memory of all adapters, beside the backbones."""
        return self._native.resident_bytes

    def logits(self, x: ArrayLike, names: Sequence[str], rows: Sequence[int] | None = None) -> list[NDArray[np.float32]]:
        """Scores of a mixed batch: each query is a row of ``x`` and the adapter that answers.

        The frozen half of a row is computed once for each backbone, however many adapters are asked.

        Parameters
        ----------
        x : array_like of uint8, ``[count, …]``
            8-bit rows; those of adapters of images are the images.
        names : list of str
            An adapter for each query.
        rows : list of int, optional
            The row of each query; if not given, query ``i`` is about row ``i``.

        Returns
        -------
        list of ndarray of float32, each ``[classes]``
        """
        array = _arrays.as_numpy(x)
        if array.dtype != np.uint8 or array.ndim < 2 or array.shape[0] == 0:
            found = f"{array.dtype} {list(array.shape)}"
            raise InputError(f"`x` is {found}, expected uint8 [count, …], at least one row", "shape")
        flat = np.ascontiguousarray(array.reshape(array.shape[0], -1))
        chosen = range(len(names)) if rows is None else [int(row) for row in rows]
        if len(chosen) != len(names) or any(not 0 <= row < len(flat) for row in chosen):
            raise InputError(f"expected a row below {len(flat)} for each of {len(names)} names, found {list(chosen)}", "rows")
        queries = list(zip(chosen, names, strict=True))
        return [np.asarray(scores, dtype=np.float32) for scores in self._native.scores(flat, queries)]

    def predict(self, x: ArrayLike, names: Sequence[str], rows: Sequence[int] | None = None) -> list[str]:
        """The most probable class of each query; arguments are those of :meth:`logits`."""
        labels = {name: self._native.labels(name) for name in set(names)}
        scores = self.logits(x, names, rows)
        return [labels[name][int(of.argmax())] for name, of in zip(names, scores, strict=True)]

    def __repr__(self) -> str:
        return f"<Runtime of {len(self)} adapters>"
