"""Arrays are read right whatever their type, order and strides, or refused with what was expected and found."""

from __future__ import annotations

import numpy as np
import pytest
from bias_adapters import Model, train
from bias_adapters.errors import BiasAdaptersError, InputError
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp


def views(x: np.ndarray):
    """The same values in memory of other orders."""
    wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), dtype=x.dtype)
    wide[..., ::2] = x
    read_only = x.copy()
    read_only.flags.writeable = False
    swapped = x.astype(x.dtype.newbyteorder()) if x.dtype.itemsize > 1 else x
    return [x, np.asfortranarray(x), wide[..., ::2], x[::-1][::-1], read_only, swapped]


@settings(max_examples=25, deadline=None)
@given(x=hnp.arrays(np.uint8, st.tuples(st.integers(1, 5), st.just(28), st.just(28))))
def test_images_of_any_order_and_type_are_the_same_images(mnist, x):
    if x.max(initial=0) <= 1:
        x = x * 255  # zeros and ones alone are refused: they are hardly 0 and 1 of 255
    expected = mnist.logits(x)
    flat = x.reshape(len(x), -1)
    for view in [*views(x), *views(flat), x[..., None], x.astype(np.int64)]:
        assert np.array_equal(mnist.logits(view), expected)
    for dtype in (np.float32, np.float64):
        for view in views((x / 255).astype(dtype)):
            assert np.array_equal(mnist.logits(view), expected)


@settings(max_examples=25, deadline=None)
@given(x=hnp.arrays(np.float32, st.tuples(st.integers(1, 6), st.just(2)), elements=st.floats(-9, 9, width=32)))
def test_rows_of_any_order_and_type_are_the_same_rows(small, x):
    expected = small.logits(x)
    for view in [*views(x), *views(x.astype(np.float64)), x.tolist()]:
        assert np.array_equal(small.logits(view), expected)
    for row in range(len(x)):
        assert np.array_equal(small.logits(x[row : row + 1])[0], expected[row])


BAD = [
    (np.zeros((3, 28, 27), np.uint8), "[3, 28, 27]"),
    (np.zeros((28, 28), np.uint8), "[28, 28]"),
    (np.zeros((0, 28, 28), np.uint8), "[0, 28, 28]"),
    (np.full((1, 28, 28), np.nan), "nan"),
    (np.full((1, 28, 28), np.inf), "inf"),
    (np.full((1, 28, 28), 255.0), "255"),
    (np.full((1, 28, 28), -0.5), "-0.5"),
    (np.full((1, 28, 28), 300), "300"),
    (np.full((1, 28, 28), "a"), "<U1"),
    (np.zeros((1, 28, 28), complex), "complex128"),
    (np.eye(28, dtype=np.uint8)[None], "zeros and ones"),
    (np.zeros((), np.uint8), "[]"),
]


@pytest.mark.parametrize(("x", "found"), BAD, ids=[found for _, found in BAD])
def test_what_cannot_be_an_image_is_refused(mnist, x, found):
    for ask in (mnist.predict, mnist.predict_proba, mnist.logits):
        with pytest.raises(ValueError) as refused:
            ask(x)
        assert found in str(refused.value)
        assert isinstance(refused.value, BiasAdaptersError) and refused.value.code


def test_what_cannot_be_rows_or_a_series_is_refused(small, adapters):
    forecaster = Model.load(adapters / "lorenz.safetensors")
    for x in ([[1.0]], [1.0, 2.0], [[1.0, np.nan]], np.empty((0, 2)), [["a", "b"]]):
        with pytest.raises(InputError):
            small.predict(x)
    for y in (np.zeros((3, 2)), [], [np.nan] * 100, np.zeros(10)):
        with pytest.raises(ValueError):
            forecaster.forecast(y)
    for steps in (0, -1, 1.5, True):
        with pytest.raises(InputError):
            forecaster.free_run(np.sin(np.arange(200.0)), steps)
    with pytest.raises(InputError, match="forecasts a series"):
        forecaster.predict(np.zeros((1, 28, 28), np.uint8))


def test_what_cannot_be_learned_is_refused():
    x = np.random.default_rng(0).normal(size=(20, 3))
    y = np.arange(20) % 2
    for bad in [
        lambda: train(x, np.zeros(20, int)),
        lambda: train(x, np.arange(19)),
        lambda: train(x[:0], y[:0]),
        lambda: train(x, y, labels=["one"]),
        lambda: train(x, y, test=(x, y + 5)),
        lambda: train(x, y, width=0),
        lambda: train(x, y, no_such_setting=1),
        lambda: train(x, y, scale="none"),
        lambda: train(x, y, backbone="no-such-backbone"),
        lambda: train(x, np.full(20, np.nan)),
        lambda: train(np.sin(np.arange(10.0))),
        lambda: train(np.ones(500)),
        lambda: train(x, y, image_shape=(2, 2)),
    ]:
        with pytest.raises(ValueError) as refused:
            bad()
        assert isinstance(refused.value, BiasAdaptersError)


def test_dlpack_goes_in_and_out(small, quadrants):
    class Foreign:
        """An array of another library."""

        def __init__(self, array):
            self.array = array

        def __dlpack__(self, **keywords):
            return self.array.__dlpack__(**keywords)

        def __dlpack_device__(self):
            return self.array.__dlpack_device__()

    x = quadrants[0][:7].copy()
    assert np.array_equal(small.logits(Foreign(x)), small.logits(x))
    assert np.array_equal(np.from_dlpack(small.logits(x)), small.logits(x))
