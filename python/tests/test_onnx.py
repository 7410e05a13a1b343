"""ONNX files say what models say."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

from bias_adapters import Model, train
from bias_adapters.errors import InputError


def session(model, path):
    model.to_onnx(path)
    return onnxruntime.InferenceSession(path)


@pytest.mark.parametrize("name", ["mnist", "mnist-mask", "kannada"])
def test_a_classifier(adapters, images, tmp_path, name):
    model = Model.load(adapters / f"{name}.safetensors")
    runner = session(model, tmp_path / "model.onnx")
    (found,) = runner.run(None, {"x": images[..., None]})
    assert np.abs(found - model.logits(images)).max() < 1e-4
    assert runner.get_modelmeta().custom_metadata_map["labels"].split("\n") == model.labels


def test_a_forecaster(adapters, tmp_path):
    model = Model.load(adapters / "lorenz.safetensors")
    y = 10 * np.sin(np.arange(150) / 5)
    (found,) = session(model, tmp_path / "model.onnx").run(None, {"series": y})
    assert np.abs(found - model.forecast(y))[:20].max() < 1e-2, "in units of the series; errors grow from step to step"


@pytest.mark.parametrize("method", ["bias", "bias_gain", "mask"])
def test_rows(quadrants, tmp_path, method):
    x, y = quadrants
    model = train(x, y, width=300, epochs=2, method=method).model
    (found,) = session(model, tmp_path / "model.onnx").run(None, {"x": x})
    assert np.abs(found - model.logits(x)).max() < 1e-4


def test_numbers(quadrants, tmp_path):
    x = quadrants[0]
    model = train(x, x.prod(axis=1), width=300, epochs=2).model
    (found,) = session(model, tmp_path / "model.onnx").run(None, {"x": x})
    assert np.abs(found[:, 0] - model.predict(x)).max() < 1e-4


def test_what_has_no_form_in_onnx_is_refused(adapters, tmp_path):
    with pytest.raises(InputError):
        Model.load(adapters / "reach.safetensors").to_onnx(tmp_path / "model.onnx")
