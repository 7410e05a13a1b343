"""Training on arrays, or on tasks with a name."""

from __future__ import annotations

import contextlib
import contextvars
import json
import os
import warnings as python_warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _arrays, _native
from ._core import Adapter, Backbone, Model
from .errors import BiasAdaptersWarning, InputError

Progress = Callable[[dict[str, Any]], object]

_HALVES: contextvars.ContextVar[_native.Halves | None] = contextvars.ContextVar("halves", default=None)


class Trained:
    """What came of a run.

    Attributes
    ----------
    adapter : Adapter
    model : Model
        The adapter on its backbone.
    metrics : dict
        By part of the data: ``metrics["test"]["accuracy"]``.
    history : list of dict
        ``loss``, ``accuracy`` and ``seconds`` of each epoch.
    settings : dict
        The settings of the run, with nothing left open.
    """

    def __init__(self, native: _native.Trained) -> None:
        self.adapter = Adapter._of(native.adapter)
        self.settings: dict[str, Any] = json.loads(native.config)
        self.history = [dict(zip(("loss", "accuracy", "seconds"), epoch, strict=True)) for epoch in native.epochs]
        self._backbone = native.backbone
        self._model: Model | None = None

    @property
    def model(self) -> Model:
        if self._model is None:
            self._model = Model(self.adapter, Backbone._of(self._backbone))
        return self._model

    @property
    def metrics(self) -> dict[str, dict[str, float]]:
        return self.adapter.metrics

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the adapter's file."""
        self.adapter.save(path)

    def __repr__(self) -> str:
        return f"<Trained {self.adapter!r}, {len(self.history)} epochs, {self.metrics}>"


def train(
    x: Any,
    y: Any = None,
    *,
    test: tuple[Any, Any] | int | None = None,
    name: str = "own",
    labels: Sequence[str] | None = None,
    image_shape: Sequence[int] | None = None,
    horizon: int | None = None,
    washout: int | None = None,
    spacing: float | None = None,
    scale: str = "auto",
    data_dir: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    cache_memory: int | None = None,
    **settings: Any,
) -> Trained:
    """Trains an adapter. The same data and settings give the same adapter, byte for byte, on every machine.

    Parameters
    ----------
    x : str or array_like
        A task with a name (``"mnist"``, ``"lorenz"``, a folder of images, a table), or data:

        - images, ``[count, height, width]`` or ``[count, height, width, channels]``: uint8, or floats from 0 to 1;
        - rows of real values, ``[count, columns]``;
        - a series, ``[samples]``: then there is no ``y``.
    y : array_like, ``[count]``, optional
        Classes of any type; or, if it has a floating dtype, numbers to estimate from rows (squared error).
    test : (x, y), optional
        To be judged by. Of a series, the number of forecasts at its end that are held out.
    name : str
        What the task is called in the adapter.
    labels : list of str, optional
        Names of the classes, in the order of ``numpy.unique(y)``.
    image_shape : (height, width) or (height, width, channels), optional
        For images that come as rows ``[count, values]``.
    horizon, washout : int, optional
        Of a series: how many samples ahead (1), and samples in which the state settles and nothing is scored (50).
    spacing : float, optional
        Of a series: the time between two samples.
    scale : {"auto", "columns", "all"}
        How real values become 256 levels: each column in its own range, or all in one. ``"auto"`` is 0 to 255 for uint8, else
        ``"columns"``. The ranges are stored in the adapter.
    data_dir : path, optional
        The folder of data sets, for a task with a name: as ``--data-dir`` of the programs, ``BL_DATA_DIR`` if not given.
    progress : callable, optional
        Called after every epoch with a dict: ``epoch``, ``epochs``, ``train_loss``, ``train_accuracy``,
        ``validation_accuracy``, ``validation_loss``, ``seconds``. What it raises ends the run.
    checkpoint : path, optional
        Where the run keeps its state: also when it is stopped by Ctrl-C.
    resume : bool
        Whether to go on from that.
    cache_memory : int, optional
        Bytes for the frozen half of the training set; what is free, with a margin, if not given. It changes no bit.
    **settings
        As for ``bl-adapt train``: ``backbone``, ``method``, ``width``, ``epochs``, ``batch_size``, ``lr``, ``seed``, …

    Returns
    -------
    Trained
    """
    if "seed" in settings and settings["seed"] is not None:
        settings["seed"] = int(settings["seed"])
    stated = {key: _plain(value) for key, value in settings.items() if value is not None}
    if isinstance(x, (str, os.PathLike)):
        of_series = {"horizon": horizon, "washout": washout}
        stated |= {key: value for key, value in of_series.items() if value is not None}
        task = _native.Task.open(os.fspath(x), json.dumps(stated), _folder_of_data(data_dir))
    elif y is None:
        stated.pop("window", None)
        task = _series(x, test, name, horizon, washout, settings.get("window"), spacing)
        if settings.get("window") is not None:
            stated["window"] = int(settings["window"])
    else:
        if isinstance(test, int):
            raise InputError(f"`test` is {test}, expected a pair of arrays (x, y)", "test")
        task = _labelled(x, y, test, name, labels, image_shape, scale)
    return run(task, stated, progress, checkpoint, resume, cache_memory)


def run(
    task: _native.Task,
    settings: dict[str, Any],
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    cache_memory: int | None = None,
) -> Trained:
    """Trains on a task; what must be known of the result is a warning."""
    path = None if checkpoint is None else Path(checkpoint)
    native = _native.train(task, json.dumps(settings), progress, path, resume, cache_memory, _HALVES.get())
    for words in filter(None, [task.notice, *native.warnings]):
        python_warnings.warn(words, BiasAdaptersWarning, stacklevel=3)
    return Trained(native)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _series(
    x: Any,
    test: Any,
    name: str,
    horizon: int | None,
    washout: int | None,
    window: int | None,
    spacing: float | None,
) -> _native.Task:
    values = _arrays.series(x, "x")
    plan = (1 if horizon is None else int(horizon), 50 if washout is None else int(washout), int(test or 0))
    return _native.Task.series(name, values, plan, window, spacing)


def names_of(classes: NDArray[Any]) -> list[str]:
    """A name for each class, as files have them: not empty, not endless, no two the same."""
    names = [str(c) for c in classes.tolist()]
    names = [name if name.strip() else repr(name) for name in names]
    names = [name if len(name.encode()) <= 1000 else f"{name[:200]}… ({i})" for i, name in enumerate(names)]
    if len(set(names)) < len(names):
        names = [f"{name} ({i})" for i, name in enumerate(names)]
    return names


def classes_of(y: NDArray[Any], name: str = "y") -> tuple[NDArray[Any], NDArray[np.uint8]]:
    """The classes, sorted, and the place of each row's."""
    classes, places = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        found = f"one class: {classes[0]!r}" if len(classes) else "none"
        raise InputError(f"`{name}`: expected at least two classes, found {found}", "one_class")
    if len(classes) > 256:
        hint = "numbers are estimated from a `y` of a floating dtype"
        raise InputError(f"`{name}`: expected at most 256 classes, found {len(classes)}", "classes", hint)
    return classes, places.reshape(-1).astype(np.uint8)


def _labelled(
    x: Any,
    y: Any,
    test: tuple[Any, Any] | None,
    name: str,
    labels: Sequence[str] | None,
    image_shape: Sequence[int] | None,
    scale: str,
) -> _native.Task:
    array, targets = _arrays.as_numpy(x), _arrays.as_numpy(y, "y")
    if targets.ndim != 1 or array.ndim < 1 or len(targets) != len(array):
        found = f"{list(array.shape)} and {list(targets.shape)}"
        raise InputError(f"`x` and `y` have shapes {found}, expected as many rows of `x` as values in `y`", "shape")
    is_image = image_shape is not None or array.ndim >= 3
    is_of_numbers = targets.dtype.kind == "f" and not is_image
    if is_of_numbers:
        held_out = None if test is None else (test[0], _arrays.as_numpy(test[1], "test"))
        return rows_task(array, targets, held_out, name, [labels[0] if labels else "y"], False, scale)
    classes, places = classes_of(targets)
    names = names_of(classes) if labels is None else list(labels)
    if len(names) != len(classes):
        raise InputError(f"expected a label for each of {len(classes)} classes, found {len(names)}", "labels")
    if test is not None:
        test = (test[0], _places(_arrays.as_numpy(test[1], "test"), classes))
    if is_image:
        shape = image_shape if image_shape is not None else array.shape[1:]
        return images_task(array, places, test, name, names, shape)
    return rows_task(array, places, test, name, names, True, scale)


def _places(y: NDArray[Any], classes: NDArray[Any]) -> NDArray[np.uint8]:
    places = np.searchsorted(classes, y).clip(max=len(classes) - 1)
    wrong = classes[places] != y
    if wrong.any():
        found = y[np.argmax(wrong)]
        raise InputError(f"`test` has class {found!r}, expected one of those in `y`", "unknown_class")
    return places.astype(np.uint8)


def images_task(
    x: Any, places: NDArray[np.uint8], test: Any, name: str, labels: list[str], shape: Sequence[int]
) -> _native.Task:
    """A task of images."""
    sizes = tuple(int(n) for n in shape)
    sizes = (*sizes, 1) if len(sizes) == 2 else sizes
    if len(sizes) != 3 or min(sizes) < 1:
        raise InputError(f"images have shape {list(shape)}, expected (height, width) or (height, width, channels)", "shape")
    rows = _arrays.pixels(x, sizes)
    held_out = None if test is None else (_arrays.pixels(test[0], sizes, "test"), test[1])
    return _native.Task.images(name, labels, sizes, (rows, places), held_out)


def rows_task(
    x: Any, targets: NDArray[Any], test: Any, name: str, labels: list[str], is_of_classes: bool, scale: str
) -> _native.Task:
    """A task of rows of real values."""
    array = _arrays.as_numpy(x)
    if scale not in ("auto", "columns", "all"):
        raise InputError(f"`scale` is {scale!r}, expected 'auto', 'columns' or 'all'", "scale")
    ranges = ("bytes" if array.dtype == np.uint8 else "columns") if scale == "auto" else scale
    rows = _arrays.real_rows(array, None)
    target = np.ascontiguousarray(targets, dtype=np.float64)
    held_out = None
    if test is not None:
        of_test = np.ascontiguousarray(test[1], dtype=np.float64)
        held_out = (_arrays.real_rows(test[0], rows.shape[1], "test"), of_test)
    return _native.Task.rows(name, labels, is_of_classes, ranges, (rows, target), held_out)


def _folder_of_data(named: str | os.PathLike[str] | None) -> Path | None:
    """As the programs read it: an empty variable is no folder."""
    found = named or os.environ.get("BL_DATA_DIR")
    return Path(found) if found else None


def load_images(name: str, *, data_dir: str | os.PathLike[str] | None = None) -> dict[str, Any]:
    """The images of a task with a name, or of a folder: what :func:`train` would learn from.

    ``data_dir`` is the folder of data sets, ``BL_DATA_DIR`` if not given.

    Returns
    -------
    dict
        ``x_train``, ``x_test``: uint8 ``[count, height, width, channels]``; ``y_train``, ``y_test``: str ``[count]``; ``labels``.
        Without official files, those of ``"mnist"`` are the sample that the package brings along.
    """
    task = _native.Task.open(name, "{}", _folder_of_data(data_dir))
    labels = np.asarray(task.labels)
    found: dict[str, Any] = {"labels": task.labels}
    for part, is_held_out in (("train", False), ("test", True)):
        images, places = task.part(is_held_out)
        found[f"x_{part}"], found[f"y_{part}"] = images, labels[places]
    return found


@contextlib.contextmanager
def shared_frozen_halves(max_bytes: int = 2 << 30) -> Iterator[_native.Halves]:
    """Within it, runs on the same data and backbone compute their frozen half once: for a search over settings.

    The cache belongs to this process and thread; results are the same bits. ``GridSearchCV`` comes to the same part of the data
    once for each setting, so there should be room for all its parts: ``rows · width · 2`` bytes each.

    Parameters
    ----------
    max_bytes : int
        What is kept at most; the oldest are forgotten first.

    Examples
    --------
    >>> import bias_adapters, numpy as np
    >>> X, y = np.random.default_rng(0).normal(size=(64, 3)), np.arange(64) % 2
    >>> with bias_adapters.shared_frozen_halves() as cache:
    ...     for lr in (0.01, 0.1):
    ...         trained = bias_adapters.train(X, y, width=64, epochs=2, lr=lr)
    ...     cache.bytes > 0
    True
    """
    halves = _native.Halves(int(max_bytes))
    token = _HALVES.set(halves)
    try:
        yield halves
    finally:
        _HALVES.reset(token)
        halves.clear()
