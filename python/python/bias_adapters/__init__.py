"""Frozen random networks, tasks learned by their hidden biases alone.

``y = A φ(B x + b)``: ``A`` and ``B`` come from a seed and are never trained, a task is learned by ``b``, so an *adapter* is a file of
kilobytes, and one *backbone* carries any number of tasks (Williams et al., ICLR 2025, arXiv 2407.00957). The files, and the bits of
every answer, are those of the programs ``bl-adapt`` and ``bl-run``, which come with this package.

>>> import numpy as np
>>> import bias_adapters
>>> rng = np.random.default_rng(0)
>>> X = rng.normal(size=(400, 2))
>>> y = np.where(X[:, 0] * X[:, 1] > 0, "same", "other")
>>> trained = bias_adapters.train(X[:300], y[:300], test=(X[300:], y[300:]), width=500, seed=1)
>>> trained.metrics["test"]["accuracy"] > 0.9
True
>>> trained.model.predict(np.array([[1.0, 2.0], [-1.0, 1.0]])).tolist()
['same', 'other']

- :class:`Model` is an adapter on its backbone: what answers. :class:`Runtime` holds many.
- :func:`train` learns from arrays, or from a task with a name; :func:`train_trials` from sequences of many channels.
- :class:`BiasClassifier`, :class:`BiasRegressor` and :class:`BiasForecaster` are scikit-learn's idea of the same.
- :mod:`bias_adapters.errors` lists what can go wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import errors
from ._core import Adapter, Backbone, Model, Runtime
from ._native import __version__
from ._training import Trained, load_images, shared_frozen_halves, train
from ._trials import train_trials
from .hub import pull, push

if TYPE_CHECKING:
    from .estimators import BiasClassifier, BiasForecaster, BiasRegressor

__all__ = [
    "Adapter",
    "Backbone",
    "BiasClassifier",
    "BiasForecaster",
    "BiasRegressor",
    "Model",
    "Runtime",
    "Trained",
    "__version__",
    "errors",
    "load_images",
    "pull",
    "push",
    "shared_frozen_halves",
    "train",
    "train_trials",
]

_ESTIMATORS = {"BiasClassifier", "BiasForecaster", "BiasRegressor"}


def __getattr__(name: str) -> Any:
    """Estimators need scikit-learn, which takes a second to import: only who asks for them waits for it."""
    if name in _ESTIMATORS:
        from . import estimators

        return getattr(estimators, name)
    raise AttributeError(f"module `bias_adapters` has no attribute `{name}`")


def __dir__() -> list[str]:
    return sorted(__all__)
