"""Estimators for scikit-learn: pipelines, grid searches and cross-validation take them as they take its own."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _arrays, _native, _training
from ._core import Model
from .errors import InputError, MissingExtraError

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_random_state, column_or_1d
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:  # pragma: no cover
    hint = "pip install 'bias-adapters[sklearn]'"
    raise MissingExtraError("scikit-learn 1.6 or newer is needed for estimators", "missing_extra", hint) from error

__all__ = ["BiasClassifier", "BiasForecaster", "BiasRegressor"]


# Of a series, to say anything: some to settle in, and some to learn from.
MIN_SAMPLES = 8


class _OfRows(BaseEstimator):
    """What estimators of rows share: settings, and how rows are brought to the network."""

    def __init__(
        self,
        width: int = 4000,
        *,
        method: str = "bias",
        epochs: int | None = None,
        batch_size: int | None = None,
        lr: float | None = None,
        schedule: str | None = None,
        weight_decay: float | None = None,
        bias_init: float | None = None,
        patience: int | None = None,
        backbone: str | None = None,
        scale: str = "auto",
        random_state: Any = None,
        cache_memory: int | None = None,
        verbose: bool = False,
    ) -> None:
        self.width = width
        self.method = method
        self.epochs = epochs
        self.batch_size = batch_size
        self.lr = lr
        self.schedule = schedule
        self.weight_decay = weight_decay
        self.bias_init = bias_init
        self.patience = patience
        self.backbone = backbone
        self.scale = scale
        self.random_state = random_state
        self.cache_memory = cache_memory
        self.verbose = verbose

    _SETTINGS = ("width", "method", "epochs", "batch_size", "lr", "schedule", "weight_decay", "bias_init", "patience", "backbone")

    def _train(self, task: _native.Task) -> None:
        settings = {key: _training._plain(getattr(self, key)) for key in self._SETTINGS if getattr(self, key) is not None}
        if "seed" not in settings:
            settings["seed"] = int(check_random_state(self.random_state).randint(2**31 - 1))
        progress = _print_epoch if self.verbose else None
        trained = _training.run(task, settings, progress, cache_memory=self.cache_memory)
        self.model_ = trained.model
        self.n_iter_ = len(trained.history)
        self.loss_curve_ = [epoch["loss"] for epoch in trained.history]

    def _rows(self, X: Any) -> Any:
        check_is_fitted(self)
        return validate_data(self, X, reset=False)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the adapter's file, for :meth:`Model.load`, ``bl-run`` and servers."""
        check_is_fitted(self)
        self.model_.save(path)


def _print_epoch(epoch: dict[str, Any]) -> None:
    print(f"epoch {epoch['epoch']}/{epoch['epochs']}, loss {epoch['train_loss']:.4f}")  # noqa: T201


class BiasClassifier(ClassifierMixin, _OfRows):
    """A classifier: one hidden layer of frozen random weights, whose biases are learned by cross-entropy.

    Parameters
    ----------
    width : int, default=4000
        Hidden units, and as many learned parameters.
    method : {"bias", "gain", "bias_gain", "mask"}, default="bias"
        What is learned of each hidden unit.
    epochs, batch_size : int, optional
        If not given, they follow the number of rows.
    lr, weight_decay, bias_init : float, optional
        Learning rate, L2 penalty, and half the width of the interval that biases start in.
    schedule : {"constant", "cosine"}, optional
        How the rate changes during the run.
    patience : int, optional
        Stop after so many epochs that are no better on a held-out tenth, and keep the best.
    backbone : str, optional
        The frozen weights, by name (:meth:`Backbone.names`) or file.
    image_shape : (height, width) or (height, width, channels), optional
        If rows are images, for frozen filters in front of the hidden layer: uint8, or floats from 0 to 1.
    scale : {"auto", "columns", "all"}, default="auto"
        How values become 256 levels: each column in its own range in ``fit``, or all in one; ``"auto"`` is 0 to 255 for uint8,
        else ``"columns"``. The ranges are stored in the adapter; values beyond them are taken for the nearest.
    random_state : int, RandomState instance or None, default=None
        Where biases start, and the order of rows. The frozen weights are always the same.
    cache_memory : int, optional
        Bytes for the frozen half of the training set; what is free, with a margin, if not given.
    verbose : bool, default=False

    Attributes
    ----------
    classes_ : ndarray
    model_ : Model
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        If the columns have names.
    n_iter_ : int
        Epochs.
    loss_curve_ : list of float

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from bias_adapters import BiasClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> classifier = BiasClassifier(width=2000, random_state=0).fit(X_train, y_train)
    >>> classifier.score(X_test, y_test) > 0.9
    True
    """

    def __init__(
        self,
        width: int = 4000,
        *,
        method: str = "bias",
        epochs: int | None = None,
        batch_size: int | None = None,
        lr: float | None = None,
        schedule: str | None = None,
        weight_decay: float | None = None,
        bias_init: float | None = None,
        patience: int | None = None,
        backbone: str | None = None,
        image_shape: tuple[int, ...] | None = None,
        scale: str = "auto",
        random_state: Any = None,
        cache_memory: int | None = None,
        verbose: bool = False,
    ) -> None:
        super().__init__(
            width,
            method=method,
            epochs=epochs,
            batch_size=batch_size,
            lr=lr,
            schedule=schedule,
            weight_decay=weight_decay,
            bias_init=bias_init,
            patience=patience,
            backbone=backbone,
            scale=scale,
            random_state=random_state,
            cache_memory=cache_memory,
            verbose=verbose,
        )
        self.image_shape = image_shape

    def fit(self, X: ArrayLike, y: ArrayLike) -> BiasClassifier:
        """Learns.

        Parameters
        ----------
        X : array_like, ``[rows, columns]``
        y : array_like, ``[rows]``
            Classes of any type, 2 to 256 of them.
        """
        X, y = validate_data(self, X, y)
        check_classification_targets(y)
        self.classes_, places = _training.classes_of(column_or_1d(y, warn=True))
        names = _training.names_of(self.classes_)
        if self.image_shape is not None:
            task = _training.images_task(X, places, None, "classifier", names, self.image_shape)
        else:
            task = _training.rows_task(X, places, None, "classifier", names, True, self.scale)
        self._train(task)
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Probabilities, ``[rows, classes]``, in the order of ``classes_``."""
        rows = self._rows(X)
        return self.model_.predict_proba(rows)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The most probable class of each row, ``[rows]``."""
        rows = self._rows(X)
        return self.classes_[self.model_.logits(rows).argmax(axis=1)]


class BiasRegressor(RegressorMixin, _OfRows):
    """A regressor: one hidden layer of frozen random weights, whose biases are learned by squared error.

    Parameters are those of :class:`BiasClassifier`, but for ``image_shape``.

    Examples
    --------
    >>> import numpy as np
    >>> from bias_adapters import BiasRegressor
    >>> X = np.random.default_rng(0).uniform(-3, 3, size=(600, 1))
    >>> regressor = BiasRegressor(width=1000, random_state=0).fit(X[:500], np.sin(X[:500, 0]))
    >>> regressor.score(X[500:], np.sin(X[500:, 0])) > 0.95
    True
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> BiasRegressor:
        """Learns.

        Parameters
        ----------
        X : array_like, ``[rows, columns]``
        y : array_like of numbers, ``[rows]``
        """
        X, y = validate_data(self, X, y, y_numeric=True)
        targets = np.asarray(column_or_1d(y, warn=True), dtype=np.float64)
        task = _training.rows_task(X, targets, None, "regressor", ["y"], False, self.scale)
        self._train(task)
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """A number for each row, ``[rows]``."""
        rows = self._rows(X)
        return self.model_.predict(rows)


class BiasForecaster(BaseEstimator):
    """A forecaster: a frozen recurrent network, whose biases are learned; one adapter for each variable, over one backbone.

    Each variable is forecast from its own past. All of what is given to ``fit`` is learned from.

    Parameters
    ----------
    width : int, default=1024
        Hidden units, and as many learned parameters for each variable.
    horizon : int, default=1
        How many samples ahead is learned.
    washout : int, optional
        Samples in which the state settles and nothing is scored: 50, or an eighth of a short series.
    window : int, optional
        Samples of a piece that is learned from, washout included: 120, or a half of a short series.
    gain : float, default=1.2
        Of the recurrent weights. At √2, the backbone's own, narrow networks explode before they have learned.
    epochs, batch_size : int, optional
    lr, bias_init : float, optional
    random_state : int, RandomState instance or None, default=None
        Where biases start, and the order of windows. The frozen weights are always the same.
    verbose : bool, default=False

    Attributes
    ----------
    models_ : list of Model
        One for each variable.
    n_features_in_ : int

    Examples
    --------
    >>> import numpy as np
    >>> from bias_adapters import BiasForecaster
    >>> y = np.sin(np.arange(1200) / 10)
    >>> forecaster = BiasForecaster(width=256, horizon=3, random_state=0).fit(y[:1000])
    >>> forecaster.score(y[1000:]) > 0.9
    True
    """

    def __init__(
        self,
        width: int = 1024,
        *,
        horizon: int = 1,
        washout: int | None = None,
        window: int | None = None,
        gain: float = 1.2,
        epochs: int | None = None,
        batch_size: int | None = None,
        lr: float | None = None,
        bias_init: float | None = None,
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        self.width = width
        self.horizon = horizon
        self.washout = washout
        self.window = window
        self.gain = gain
        self.epochs = epochs
        self.batch_size = batch_size
        self.lr = lr
        self.bias_init = bias_init
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: ArrayLike, y: Any = None) -> BiasForecaster:
        """Learns a series.

        Parameters
        ----------
        X : array_like, ``[time]`` or ``[time, variables]``
        y : ignored
            What is forecast is X itself, later.
        """
        values = self._series(X, reset=True)
        samples = len(values)
        if samples < MIN_SAMPLES:
            hint = "give more samples: a piece of the series is learned from at a time, after a washout"
            message = f"found n_samples={samples} of n_features={values.shape[1]}, expected at least {MIN_SAMPLES} samples"
            raise InputError(message, "few_samples", hint)
        horizon = int(self.horizon)
        washout = min(50, samples // 8) if self.washout is None else int(self.washout)
        window = min(120, samples // 2) if self.window is None else int(self.window)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        settings: dict[str, Any] = {"seed": seed, "window": window}
        for key in ("width", "gain", "epochs", "batch_size", "lr", "bias_init"):
            if getattr(self, key) is not None:
                settings[key] = _training._plain(getattr(self, key))
        self.models_ = []
        self.constants_: list[float | None] = []
        for variable in range(values.shape[1]):
            column = np.ascontiguousarray(values[:, variable])
            if column.min() == column.max():  # nothing to learn, and nothing to scale by
                self.constants_.append(float(column[0]))
                continue
            task = _native.Task.series(f"variable {variable}", column, (horizon, washout, 0), window, None)
            trained = _training.run(task, settings, _print_epoch if self.verbose else None)
            backbone = self.models_[0].backbone if self.models_ else None
            self.models_.append(Model(trained.adapter, backbone) if backbone else trained.model)
            self.constants_.append(None)
        self.last_ = values[-_past(samples) :]
        return self

    def _series(self, X: Any, reset: bool) -> NDArray[np.float64]:
        """``[time, variables]``; a series of one variable may come without the second axis, if it did so in ``fit``."""
        array = _arrays.as_numpy(X, "X") if hasattr(X, "__dlpack__") or isinstance(X, (list, tuple)) else X
        is_flat = getattr(array, "ndim", None) == 1
        if reset:
            self._is_flat = is_flat
        if is_flat and self._is_flat:
            array = np.asarray(array).reshape(-1, 1)
        return validate_data(self, array, reset=reset, dtype=np.float64)

    def predict(self, X: Any = None) -> NDArray[np.float64]:
        """Forecasts.

        Parameters
        ----------
        X : int or array_like
            A number of samples: those after the end of what was learned from, as :meth:`free_run`. Or a series, ``[time]`` or
            ``[time, variables]``: the value at ``t`` is the forecast of sample ``t + horizon``, made from true values up to ``t``.

        Returns
        -------
        ndarray of float64, ``[time]`` or ``[time, variables]``, as in ``fit``
        """
        check_is_fitted(self)
        if X is None or (isinstance(X, (int, np.integer)) and not isinstance(X, bool)):
            return self.free_run(int(self.horizon) if X is None else int(X))
        values = self._series(X, reset=False)
        return self._each(values, lambda model, column: model.forecast(column), len(values))

    def free_run(self, steps: int, past: ArrayLike | None = None) -> NDArray[np.float64]:
        """The samples after the end of a series, each forecast fed back in place of the true value.

        Parameters
        ----------
        steps : int
        past : array_like, ``[time]`` or ``[time, variables]``, optional
            What comes before, if it is not the end of what was learned from.
        """
        check_is_fitted(self)
        values = self.last_ if past is None else self._series(past, reset=False)
        return self._each(values, lambda model, column: model.free_run(column, steps), steps)

    def _each(self, values: NDArray[np.float64], act: Any, length: int) -> NDArray[np.float64]:
        models = iter(self.models_)
        found = [
            act(next(models), np.ascontiguousarray(values[:, variable])) if constant is None else np.full(length, constant)
            for variable, constant in enumerate(self.constants_)
        ]
        return found[0] if self._is_flat else np.stack(found, axis=1)

    def score(self, X: ArrayLike, y: Any = None) -> float:
        """R² of forecasts of a series from true values (teacher-forced), the mean over its variables; from 1 at best."""
        from sklearn.metrics import r2_score

        values = self._series(X, reset=False)
        found = np.asarray(self.predict(X)).reshape(values.shape)
        horizon = int(self.horizon)
        first = min(_washout(self.models_), len(values) - horizon - 2)
        return float(r2_score(values[first + horizon :], found[first : len(values) - horizon]))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the adapter's file, for :meth:`Model.load`, ``bl-run`` and servers; of one variable."""
        check_is_fitted(self)
        if len(self.models_) != 1 or len(self.constants_) != 1:
            hint = "save each of `models_` to a file of its own"
            raise InputError(f"expected one variable, found {len(self.constants_)}", "variables", hint)
        self.models_[0].save(path)


def _past(samples: int) -> int:
    """True values that are kept for a free run: enough for any washout to be over, and not the whole series."""
    return min(samples, 2000)


def _washout(models: list[Model]) -> int:
    return max((model.washout for model in models), default=0)
