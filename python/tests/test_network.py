"""Over a wire: what was fitted here is served by the program, and goes to a hub and back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import bias_adapters
import numpy as np
import pytest
from bias_adapters import Model, errors


def test_what_was_fitted_is_served_with_the_same_bits(small, quadrants, tmp_path):
    small.save(tmp_path / "quadrants.safetensors")
    command = [sys.executable, "-m", "bias_adapters", "run", "serve", "--adapters", tmp_path, "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            address = server.stdout.readline().strip()
            rows = quadrants[0][:9]
            tensor = {"name": "rows", "datatype": "FP64", "shape": list(rows.shape), "data": rows.ravel().tolist()}
            body = json.dumps({"inputs": [tensor]}).encode()
            with urllib.request.urlopen(f"{address}/v2/models/quadrants/infer", body) as answer:
                told = json.load(answer)
            outputs = {output["name"]: output["data"] for output in told["outputs"]}
            assert small.adapter.version.startswith(told["model_version"])
            assert outputs["label"] == small.predict(rows).tolist()
            assert np.array_equal(np.float32(outputs["scores"]).reshape(9, -1), small.logits(rows))
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(30) == 0, "Ctrl-C ends a server in order"


def mock_hub() -> Path | None:
    """The hub of the tests of `bl-hub`, if it is built: `cargo build --release -p bl-mock-hub`."""
    root = Path(__file__).resolve().parents[2]
    built = Path(os.environ.get("CARGO_TARGET_DIR", root / "target")) / "release" / "mock-hub"
    return built if built.exists() else None


@pytest.mark.skipif(mock_hub() is None, reason="mock-hub is not built")
def test_an_adapter_goes_to_a_hub_and_back(small, quadrants, tmp_path, monkeypatch):
    with subprocess.Popen([mock_hub()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as hub:
        for name in [name for name in os.environ if name.startswith("HF_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("HF_ENDPOINT", hub.stdout.readline().strip())
        monkeypatch.setenv("HF_TOKEN", "hf_test")
        monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
        planned = bias_adapters.push(small, "ada/quadrants", dry_run=True)
        assert "README.md" in planned["files"] and planned["commit"] is None
        sent = bias_adapters.push(small, "ada/quadrants")
        assert sent["commit"] and bias_adapters.push(small, "ada/quadrants")["commit"]
        assert bias_adapters.pull("ada/quadrants") == small.adapter
        assert np.array_equal(Model.load("ada/quadrants@main").logits(quadrants[0]), small.logits(quadrants[0]))
        with pytest.raises(errors.HubError) as refused:
            Model.load("ada/none")
        assert refused.value.hint
        hub.stdin.close()
    shutil.rmtree(tmp_path / "home")
    with pytest.raises(errors.HubError):
        Model.load("ada/quadrants")
