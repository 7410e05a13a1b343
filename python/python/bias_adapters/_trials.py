"""Trials: sequences with several values at each step, each of its own length."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _arrays, _native
from ._training import Progress, Trained, _plain, classes_of, names_of, run
from .errors import InputError


def train_trials(
    inputs: Any,
    labels: Any = None,
    targets: Any = None,
    *,
    mask: Any = None,
    lengths: Any = None,
    test: dict[str, Any] | None = None,
    read: str = "mean",
    name: str = "own",
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    **settings: Any,
) -> Trained:
    """Trains an adapter of a recurrent backbone on trials: a class for each, or values to say at every step.

    Parameters
    ----------
    inputs : array_like, ``[trials, time, channels]``
        What goes in, or ``[trials, time]`` of one channel. Each channel is seen in units of its standard deviation in training.
    labels : array_like, ``[trials]``, optional
        The class of each trial, of any type.
    targets : array_like, ``[trials, time, outputs]``, optional
        What is to be said at each step, or ``[trials, time]`` of one value; ``nan`` where nothing is asked.
    mask : array_like, ``[trials, time]`` or as ``targets``, optional
        What an error counts, 0 where nothing is asked.
    lengths : array_like of int, ``[trials]``, optional
        Steps of each trial, if they were filled up to one length; what stands after its end is not read.
    test : dict, optional
        To be judged by: ``inputs``, and ``labels`` or ``targets``, ``mask`` and ``lengths`` as above.
    read : {"mean", "end"}
        Whether the mean of the scores of all steps says the class of a trial, or those of its last step.
    name, progress, checkpoint, resume, **settings
        As for :func:`train`.

    Returns
    -------
    Trained

    Examples
    --------
    >>> from bias_adapters import train_trials
    >>> trained = train_trials(x, labels=y, lengths=n)  # doctest: +SKIP
    >>> trained.model.predict(x, lengths=n)  # doctest: +SKIP
    """
    if read not in ("mean", "end"):
        raise InputError(f"`read` is {read!r}, expected 'mean' or 'end'", "read")
    if (labels is None) == (targets is None):
        found = "neither" if labels is None else "both"
        raise InputError(f"expected `labels` or `targets`, found {found}", "nothing_said")
    classes = names = None
    if labels is not None:
        classes, _ = classes_of(_arrays.as_numpy(labels, "labels"), "labels")
        names = names_of(classes)
    train = _half({"inputs": inputs, "labels": labels, "targets": targets, "mask": mask, "lengths": lengths}, classes, "")
    held_out = None if test is None else _half(test, classes, "test: ")
    task = _native.Task.trials(name, names or [], read, train, held_out)
    stated = {key: _plain(value) for key, value in settings.items() if value is not None}
    return run(task, stated, progress, checkpoint, resume, None)


def three_axes(x: Any, name: str) -> NDArray[np.float64]:
    """``[trials, time, channels]`` of that, or of ``[trials, time]``."""
    array = _arrays.as_numpy(x, name)
    if array.dtype.kind not in "buif":
        raise InputError(f"`{name}` has dtype {array.dtype}, expected numbers", "dtype", "fill ragged trials up, and give `lengths`")
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3 or 0 in array.shape:
        expected = "expected [trials, time, channels] or [trials, time]"
        raise InputError(f"`{name}` has shape {list(array.shape)}, {expected}", "shape")
    return np.ascontiguousarray(array, dtype=np.float64)


def lengths_of(lengths: Any, trials: int, time: int, name: str = "lengths") -> NDArray[np.int64]:
    """Steps of each trial."""
    if lengths is None:
        return np.full(trials, time, dtype=np.int64)
    array = _arrays.as_numpy(lengths, name)
    if array.shape != (trials,) or array.dtype.kind not in "ui":
        raise InputError(f"`{name}` has shape {list(array.shape)} and dtype {array.dtype}, expected [{trials}] whole numbers", "shape")
    if array.size and not (1 <= array.min() and array.max() <= time):
        found = array.min() if array.min() < 1 else array.max()
        raise InputError(f"`{name}`: expected 1 to {time}, the time axis of the inputs, found {found}", "range")
    return np.ascontiguousarray(array, dtype=np.int64)


def _half(of: dict[str, Any], classes: NDArray[Any] | None, where: str) -> Any:
    unknown = set(of) - {"inputs", "labels", "targets", "mask", "lengths"}
    if unknown:
        raise InputError(f"{where}unknown key {sorted(unknown)[0]!r}", "unknown_key")
    x = three_axes(of.get("inputs"), f"{where}inputs")
    trials, time, _ = x.shape
    lengths = lengths_of(of.get("lengths"), trials, time, f"{where}lengths")
    if classes is not None:
        labels = _arrays.as_numpy(of.get("labels"), f"{where}labels")
        if labels.shape != (trials,):
            raise InputError(f"`{where}labels` has shape {list(labels.shape)}, expected [{trials}]", "shape")
        if of.get("mask") is not None:
            raise InputError("`mask` says which steps count, and `labels` of whole trials have no steps", "mask")
        places = np.searchsorted(classes, labels).clip(max=len(classes) - 1)
        if (classes[places] != labels).any():
            found = labels[np.argmax(classes[places] != labels)]
            raise InputError(f"`{where}labels` has class {found!r}, expected one of those of training", "unknown_class")
        return x, lengths, places.astype(np.uint8), None
    targets = three_axes(of.get("targets"), f"{where}targets")
    if targets.shape[:2] != (trials, time):
        raise InputError(f"`{where}targets` has shape {list(targets.shape)}, expected [{trials}, {time}, outputs]", "shape")
    return x, lengths, None, (targets, _weights(of.get("mask"), targets.shape, where))


def _weights(mask: Any, shape: Sequence[int], where: str) -> NDArray[np.float32]:
    if mask is None:
        return np.ones(shape, dtype=np.float32)
    weights = _arrays.as_numpy(mask, f"{where}mask")
    if weights.shape == tuple(shape[:2]):
        weights = np.broadcast_to(weights[:, :, None], shape)
    if weights.shape != tuple(shape):
        raise InputError(f"`{where}mask` has shape {list(weights.shape)}, expected {list(shape[:2])} or {list(shape)}", "shape")
    return np.ascontiguousarray(weights, dtype=np.float32)
