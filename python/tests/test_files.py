"""Files and answers are those of the programs, to the bit."""

from __future__ import annotations

import hashlib
import json
import pickle
import subprocess
import sys

import bias_adapters
import numpy as np
import pytest
from bias_adapters import Adapter, Backbone, Model
from bias_adapters.errors import BiasAdaptersError
from conftest import ADAPTERS

FILES = sorted(path.name for path in ADAPTERS.glob("*.safetensors"))


def program(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bias_adapters", name, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_and_written_again_as_it_was(adapters, tmp_path, name):
    data = (adapters / name).read_bytes()
    adapter = Adapter.load(adapters / name)
    assert adapter.to_bytes() == data
    assert adapter.version == hashlib.sha256(data).hexdigest()
    adapter.save(tmp_path / name)
    assert (tmp_path / name).read_bytes() == data
    for copy in (pickle.loads(pickle.dumps(adapter)), Adapter.from_bytes(data)):
        assert copy == adapter and hash(copy) == hash(adapter)
    assert adapter.with_values(adapter.biases).header["metrics"] == [] or adapter.header["kind"] == "mask"


@pytest.mark.parametrize("name", FILES)
def test_answers_are_those_of_the_program(adapters, tmp_path, name):
    model, path = Model.load(adapters / name), adapters / name
    if model.does == "classifies images":
        x = np.random.default_rng(2).integers(0, 256, size=(3, 28, 28), dtype=np.uint8)
        x[:, :2] = x[:, -2:] = 0  # dark at the border, so that nothing is inverted
        x[:, :, :2] = x[:, :, -2:] = 0
        np.save(tmp_path / "x.npy", x)
        report = told("--adapter", path, "--input", tmp_path / "x.npy", "--top", len(model.labels))
        probabilities = model.predict_proba(x)
        assert len(report["inputs"]) == 3
        for row, of_row in enumerate(report["inputs"]):
            for guess in of_row["predictions"]:
                assert np.float32(guess["probability"]) == probabilities[row, guess["index"]]
    elif model.does == "forecasts a series":
        y = 12 * np.sin(np.arange(300) / 7)
        (tmp_path / "y.csv").write_text("\n".join(["x", *map(repr, y.tolist())]))
        report = told("--adapter", path, "--input", tmp_path / "y.csv")
        forecasts = report["inputs"][0]["forecasts"]
        assert len(forecasts) == len(y)
        assert [of["forecast"] for of in forecasts] == model.forecast(y).tolist()
    elif model.does == "generates a trajectory":
        report = told("--adapter", path, "--free-run", 40)
        assert [sample["value"] for sample in report["samples"]] == model.generate(40).tolist()
    else:
        (movement,) = told("--adapter", path, "--target", "0.05,0.03")["movements"]
        reached = model.reach((0.05, 0.03))
        assert movement["positions_m"] == reached["position"].tolist()
        assert movement["end_error_m"] == reached["end_error"]


def told(*arguments: object) -> dict:
    """What ``bl-run`` says in JSON."""
    answer = program("run", *arguments, "--json")
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_training_writes_the_bytes_of_the_program(tmp_path):
    answer = program("adapt", "train", "--task", "mnist", "--width", 300, "--epochs", 2, "--seed", 3, "--out", tmp_path / "a.safetensors")
    assert answer.returncode == 0, answer.stderr
    trained = bias_adapters.train("mnist", width=300, epochs=2, seed=3)
    assert trained.adapter.to_bytes() == (tmp_path / "a.safetensors").read_bytes()


def test_the_folder_of_data_is_that_of_the_programs(tmp_path, monkeypatch):
    monkeypatch.setenv("BL_DATA_DIR", str(tmp_path))
    with pytest.raises(BiasAdaptersError, match=str(tmp_path)):
        bias_adapters.train("mnist", width=10, epochs=1)
    with pytest.raises(BiasAdaptersError, match=str(tmp_path)):
        bias_adapters.load_images("mnist")
    monkeypatch.setenv("BL_DATA_DIR", "")  # as if it were not set
    assert len(bias_adapters.load_images("mnist", data_dir=None)["labels"]) == 10


def test_a_backbone_is_its_spec(mnist):
    backbone = mnist.backbone
    for copy in (Backbone(backbone.spec), pickle.loads(pickle.dumps(backbone))):
        assert copy == backbone and copy.fingerprint == backbone.fingerprint
    assert Model(mnist.adapter, Backbone(backbone.spec)) == mnist
    weights = Backbone("images-pixels", width=64).weights()
    assert weights["hidden.0.weight"].shape == (64, 784) and weights["hidden.0.weight"].dtype == np.float32


def test_preactivations_are_products_with_the_weights(images):
    backbone = Backbone("images-pixels", width=64)
    exact = images.reshape(len(images), -1).astype(np.float64) / 255 @ backbone.weights()["hidden.0.weight"].T.astype(np.float64)
    assert np.allclose(backbone.preactivations(images), exact, rtol=2e-3, atol=2e-3)


def test_a_model_is_reloaded_in_another_process(small, quadrants, tmp_path):
    small.save(tmp_path / "quadrants.safetensors")
    np.save(tmp_path / "x.npy", quadrants[0])
    code = "import numpy as n, bias_adapters as b; n.save('y.npy', b.Model.load('quadrants.safetensors').logits(n.load('x.npy')))"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert np.array_equal(np.load(tmp_path / "y.npy"), small.logits(quadrants[0]))


def test_rows_are_asked_by_the_program_too(small, quadrants, tmp_path):
    small.save(tmp_path / "quadrants.safetensors")
    rows = quadrants[0][:5]
    (tmp_path / "rows.csv").write_text("a,b\n" + "\n".join(f"{a!r},{b!r}" for a, b in rows.tolist()))
    report = told("--adapter", tmp_path / "quadrants.safetensors", "--input", tmp_path / "rows.csv")
    found = [row["prediction"][0]["class"] for row in report["rows"]]
    assert found == small.predict(rows).tolist()
    inspected = program("adapt", "inspect", tmp_path / "quadrants.safetensors")
    assert inspected.returncode == 0 and "classifies rows" in inspected.stdout + inspected.stderr


def test_the_programs_say_what_they_are():
    for name, expected in (("adapt", "bl-adapt"), ("run", "bl-run")):
        answer = program(name, "--version")
        assert answer.returncode == 0 and answer.stdout.strip() == f"{expected} {bias_adapters.__version__}"
        assert program(name, "no-such-command").returncode == 2
    assert program("walk").returncode == 2
