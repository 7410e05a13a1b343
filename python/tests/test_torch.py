"""Modules of PyTorch say what models say, and what is trained there comes back."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from bias_adapters import Adapter, Model, train
from bias_adapters.errors import InputError

MNIST_LIKE = ["mnist", "kmnist", "mnist-mask", "vai"]


@pytest.mark.parametrize("name", MNIST_LIKE)
def test_a_classifier_has_the_same_scores(adapters, images, name):
    model = Model.load(adapters / f"{name}.safetensors")
    module = model.to_torch()
    found = module(torch.from_numpy(images)).detach().numpy()
    assert np.abs(found - model.logits(images)).max() < 1e-4
    assert np.array_equal(Adapter.from_torch(module).biases[0], model.adapter.biases[0])
    learned = {name for name, _ in module.named_parameters()}
    assert learned <= {"biases.0", "gains"}, "frozen weights are buffers"


@pytest.mark.parametrize("name", ["lorenz", "cosine", "vanderpol", "reach"])
def test_a_recurrent_network_has_the_same_outputs(adapters, name):
    model = Model.load(adapters / f"{name}.safetensors")
    inputs, steps = model.backbone.inputs, 20  # errors grow from step to step in a network near chaos
    x = np.sin(np.arange(steps * max(inputs, 1)) / 5).astype(np.float32).reshape(steps, -1)[:, :inputs]
    module = model.to_torch()
    found = module(torch.from_numpy(np.ascontiguousarray(x))[:, None]).detach().numpy()[:, 0]
    assert np.abs(found - model._native.run(np.ascontiguousarray(x), steps)).max() < 1e-4


@pytest.mark.parametrize("method", ["bias", "gain", "bias_gain", "mask"])
def test_rows_have_the_same_scores_whatever_is_learned(quadrants, method):
    model = train(*quadrants, width=300, epochs=3, method=method).model
    found = model.to_torch()(torch.from_numpy(quadrants[0])).detach().numpy()
    assert np.abs(found - model.logits(quadrants[0])).max() < 1e-4


def test_numbers_are_in_units_of_their_scale(quadrants):
    x = quadrants[0]
    model = train(x, x.prod(axis=1), width=300, epochs=3).model
    module = model.to_torch()
    found = module(torch.from_numpy(x)).detach().numpy()[:, 0] * module.unit + module.offset
    assert np.abs(found - model.predict(x)).max() < 1e-4


def test_biases_that_were_trained_in_pytorch_come_back(quadrants):
    x, y = quadrants
    model = train(x, y, width=500, epochs=1, seed=1).model
    module = model.to_torch()
    target = torch.from_numpy((y == "same").astype(np.int64))
    optimizer = torch.optim.Adam(module.parameters(), lr=0.05)
    for _ in range(60):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(module(torch.from_numpy(x)), target).backward()
        optimizer.step()
    tuned = Model(Adapter.from_torch(module))
    assert np.abs(tuned.logits(x) - module(torch.from_numpy(x)).detach().numpy()).max() < 1e-4
    assert (tuned.predict(x) == y).mean() > (model.predict(x) == y).mean()


def test_tensors_go_in(small, quadrants):
    x = quadrants[0][:9]
    assert np.array_equal(small.logits(torch.from_numpy(x)), small.logits(x))
    with pytest.raises(InputError, match="detach"):
        small.logits(torch.from_numpy(x).requires_grad_())
    with pytest.raises(InputError):
        Adapter.from_torch(torch.nn.Linear(2, 2))
