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


def test_digits_diabetes_and_a_sine():
    x, y = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=0)
    classifier = BiasClassifier(width=2000, random_state=0).fit(x_train, y_train)
    assert classifier.score(x_test, y_test) > 0.9
    assert np.allclose(classifier.predict_proba(x_test).sum(axis=1), 1, atol=1e-5)
    bytes_of_pixels = BiasClassifier(width=2000, image_shape=(8, 8), random_state=0).fit((x_train * 15).astype(np.uint8), y_train)
    assert bytes_of_pixels.score((x_test * 15).astype(np.uint8), y_test) > 0.95
    x, y = load_diabetes(return_X_y=True)
    assert cross_val_score(BiasRegressor(width=1000, random_state=0), x, y, cv=3).mean() > 0.35
    wave = np.stack([np.sin(np.arange(1300) / 10), np.cos(np.arange(1300) / 17), np.full(1300, 3.0)], axis=1)
    forecaster = BiasForecaster(width=256, horizon=3, random_state=0).fit(wave[:1200])
    assert forecaster.predict(40).shape == (40, 3) and np.array_equal(forecaster.free_run(40), forecaster.predict(40))
    assert (forecaster.predict(40)[:, 2] == 3).all(), "what does not vary is said to stay"
    assert forecaster.score(wave[1000:]) > 0.9
    flat = BiasForecaster(width=64, epochs=2, random_state=0).fit(wave[:1200, 0])
    assert flat.predict(5).shape == (5,) and flat.predict(wave[:200, 0]).shape == (200,)


def test_pipelines_searches_and_processes():
    x, y = make_classification(300, 8, n_informative=5, random_state=0)
    pipeline = make_pipeline(StandardScaler(), BiasClassifier(width=300, epochs=5, random_state=0))
    search = GridSearchCV(pipeline, {"biasclassifier__lr": [0.01, 0.1]}, cv=3).fit(x, y)
    with shared_frozen_halves() as cache:
        shared = GridSearchCV(pipeline, {"biasclassifier__lr": [0.01, 0.1]}, cv=3).fit(x, y)
        assert cache.bytes > 0
    assert np.array_equal(search.cv_results_["mean_test_score"], shared.cv_results_["mean_test_score"])
    one = cross_val_score(pipeline, x, y, cv=3)
    assert np.array_equal(one, cross_val_score(pipeline, x, y, cv=3, n_jobs=2))


def test_a_fitted_estimator_is_kept_by_pickle_joblib_and_as_an_adapter(tmp_path):
    x, y = make_classification(200, 5, random_state=1)
    names = np.array(["no", "yes"])[y]
    classifier = BiasClassifier(width=200, epochs=4, random_state=0).fit(x, names)
    joblib.dump(classifier, tmp_path / "classifier.joblib")
    for copy in (pickle.loads(pickle.dumps(classifier)), joblib.load(tmp_path / "classifier.joblib")):
        assert np.array_equal(copy.predict_proba(x), classifier.predict_proba(x))
    classifier.save(tmp_path / "classifier.safetensors")
    assert np.array_equal(Model.load(tmp_path / "classifier.safetensors").predict(x), classifier.predict(x))


def test_labels_of_any_type():
    x = np.random.default_rng(0).normal(size=(60, 2))
    which = (x[:, 0] > 0).astype(int)
    for classes in ([0, 1], [-1, 1], [True, False], ["", " "], ["a" * 3000, "b" * 3000], [1.0, 2.0]):
        y = np.array(classes)[which]
        classifier = BiasClassifier(width=100, epochs=10, random_state=0).fit(x, y)
        assert classifier.predict(x).dtype == y.dtype
        assert set(classifier.predict(x)) == set(y)
    with pytest.raises(InputError, match="at least two classes"):
        BiasClassifier().fit(x, np.zeros(60))
    with pytest.raises(InputError, match="at most 256"):
        BiasClassifier().fit(np.zeros((300, 2)), np.arange(300))
    with pytest.raises(InputError, match="variable"):
        BiasForecaster(width=32, epochs=1).fit(np.random.default_rng(0).normal(size=(200, 2))).save("nowhere")


def test_what_must_be_known_is_a_warning():
    x = np.random.default_rng(0).normal(size=(60, 2))
    with pytest.warns(BiasAdaptersWarning, match="lower"):
        BiasRegressor(width=50, lr=30.0, epochs=3, random_state=0).fit(x, x[:, 0])
