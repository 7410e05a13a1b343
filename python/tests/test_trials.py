"""Trials: sequences of many channels, with a class each or values at every step."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from bias_adapters import Model, train_trials
from bias_adapters.errors import BiasAdaptersWarning, InputError


def waves(count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two channels of a slow or a fast wave, filled up to 12 steps with what must not be read."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, count)
    n = rng.integers(6, 13, count)
    t = np.arange(12)
    phase = rng.uniform(0, 2 * np.pi, (count, 1))
    x = np.stack([np.sin(t * (0.3 + 0.9 * y[:, None]) + phase), np.cos(t * (0.3 + 0.9 * y[:, None]) + phase)], axis=2)
    x[np.arange(12) >= n[:, None]] = np.nan
    return x, np.array(["slow", "fast"])[y], n


@pytest.fixture(scope="module")
def trained():
    x, y, n = waves(120, 0)
    test_x, test_y, test_n = waves(60, 1)
    test = {"inputs": test_x, "labels": test_y, "lengths": test_n}
    return train_trials(x, labels=y, lengths=n, test=test, width=100, epochs=40, seed=1, method="bias+gain")


def test_classes_are_learned_and_what_stands_after_the_end_is_not_read(trained, tmp_path):
    assert trained.metrics["test"]["accuracy"] > 0.8
    trained.model.save(tmp_path / "waves.safetensors")
    model = Model.load(tmp_path / "waves.safetensors")
    x, y, n = waves(50, 2)
    found = model.predict(x, lengths=n)
    assert set(found) <= {"slow", "fast"} and (found == y).mean() > 0.8
    assert np.allclose(model.predict_proba(x, lengths=n).sum(axis=1), 1)
    assert np.array_equal(model.predict(np.where(np.isnan(x), 5.0, x), lengths=n), found)
    for i in (0, 7):
        alone = model.logits(x[i : i + 1, : n[i]])
        assert np.array_equal(alone[0], model.logits(x, lengths=n)[i])


def test_values_are_said_at_every_step_in_their_own_unit():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(80, 15, 3))
    target = 100 + 10 * x[:, :, :1] - 5 * x[:, :, 2:]
    target[0, 3] = np.nan  # nothing is asked there
    mask = np.ones((80, 15))
    mask[:, 0] = 0
    held_out = {"inputs": x[60:], "targets": target[60:], "mask": mask[60:]}
    trained = train_trials(x[:60], targets=target[:60], mask=mask[:60], test=held_out, width=100, epochs=60, seed=1)
    assert trained.metrics["test"]["r2"] > 0.3
    answers = trained.model.answer(x[60:])
    assert len(answers) == 20 and all(answer.shape == (15, 1) for answer in answers)
    assert 80 < np.mean(answers) < 120
    with pytest.warns(BiasAdaptersWarning, match="outside"):
        trained.model.answer(1000 * x[60:])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trained.model.answer(x[60:])
    with pytest.raises(InputError, match="answer"):
        trained.model.logits(x)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"labels": None}, "expected `labels` or `targets`, found neither"),
        ({"targets": np.zeros((20, 12))}, "found both"),
        ({"read": "last"}, "'mean' or 'end'"),
        ({"lengths": np.full(20, 13)}, "expected 1 to 12"),
        ({"lengths": np.zeros(20, dtype=int)}, "expected 1 to 12"),
        ({"lengths": np.ones(3, dtype=int)}, r"expected \[20\] whole numbers"),
        ({"inputs": np.zeros(20)}, r"expected \[trials, time, channels\]"),
        ({"inputs": np.zeros((20, 0, 2))}, r"expected \[trials, time, channels\]"),
        ({"inputs": np.array([[1.0], [1.0, 2.0]] * 10, dtype=object)}, "dtype object"),
        ({"labels": ["a"] * 20}, "at least two classes"),
        ({"labels": ["a", "b"]}, r"expected \[20\]"),
        ({"mask": np.ones((20, 12))}, "labels` of whole trials"),
        ({"lengths": None}, "expected a number"),
        ({"test": {"x": 1}}, "unknown key 'x'"),
        ({"test": {"inputs": np.zeros((2, 12, 2)), "labels": ["slow", "other"]}}, "other"),
        ({"test": {"inputs": np.zeros((2, 12, 3)), "labels": ["slow", "fast"]}}, "3 channels"),
    ],
)
def test_what_does_not_fit_is_named(change, expected):
    x, y, n = waves(20, 4)
    with pytest.raises(InputError, match=expected):
        train_trials(**{"inputs": x, "labels": y, "lengths": n, "width": 10, "epochs": 1} | change)


def test_other_channels_are_refused(trained, mnist):
    with pytest.raises(InputError, match=r"expected \[trials, time, 2\]"):
        trained.model.answer(np.zeros((1, 5, 3)))
    with pytest.raises(InputError, match="adapter of trials"):
        mnist.answer(np.zeros((1, 5, 3)))
