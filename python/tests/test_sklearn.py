"""Estimators behave as scikit-learn's own checks ask, and work where its own estimators do."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

sklearn = pytest.importorskip("sklearn")

import joblib
from bias_adapters import BiasClassifier, BiasForecaster, BiasRegressor, Model, shared_frozen_halves
from bias_adapters.errors import BiasAdaptersWarning, InputError
from sklearn.datasets import load_diabetes, load_digits, make_classification
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

ALIKE = "what is forecast is X itself, step by step: "
FORECASTER = {
    "check_methods_sample_order_invariance": ALIKE + "in another order it is another series",
    "check_methods_subset_invariance": ALIKE + "a part of it has another past",
    "check_fit1d": "a series of one variable is `[time]`, as in every library of time series",
}


def failures(estimator):
    return FORECASTER if isinstance(estimator, BiasForecaster) else {}


@pytest.mark.filterwarnings("ignore::bias_adapters.errors.BiasAdaptersWarning")
@parametrize_with_checks(
    [
        BiasClassifier(width=1000),
        BiasRegressor(width=1000),
        BiasForecaster(width=32, epochs=1),
    ],
    expected_failed_checks=failures,
)
def test_the_checks_of_scikit_learn(estimator, check):
    check(estimator)
