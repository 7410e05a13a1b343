"""Many adapters, many threads, and nothing that grows."""

from __future__ import annotations

import gc
import pickle
import sys
import threading

import numpy as np
import pytest
from bias_adapters import Adapter, Backbone, Model, Runtime, errors


@pytest.fixture()
def runtime(adapters):
    made = Runtime()
    for name in ("mnist", "kmnist", "fashion"):
        made.load(name, adapters / f"{name}.safetensors")
    return made


def test_a_mixed_batch_answers_as_each_model_alone(runtime, adapters, images):
    names = ["mnist", "kmnist", "fashion"] * 4
    scores = runtime.logits(images, names)
    for name in ("mnist", "kmnist", "fashion"):
        alone = Model.load(adapters / f"{name}.safetensors").logits(images)
        for row, (asked, found) in enumerate(zip(names, scores, strict=True)):
            assert asked != name or np.array_equal(found, alone[row])
    everything = runtime.predict(images[:1], ["mnist", "kmnist"], rows=[0, 0])
    assert len(everything) == 2


def test_a_swap_needs_the_version_that_is_expected(runtime, adapters):
    old = runtime["mnist"]
    assert len(runtime) == 3 and "mnist" in runtime and sorted(runtime) == ["fashion", "kmnist", "mnist"]
    with pytest.raises(errors.VersionError):
        runtime.load("mnist", adapters / "kmnist.safetensors", expected="0" * 64)
    with pytest.raises(errors.VersionError):
        runtime.load("mnist", adapters / "kmnist.safetensors", expected="")
    new = runtime.load("mnist", adapters / "kmnist.safetensors", expected=old)
    assert new != old and runtime["mnist"] == new == runtime["kmnist"]
    runtime.unload("mnist")
    with pytest.raises(KeyError) as refused:
        runtime.predict(np.zeros((1, 784), np.uint8), ["mnist"])
    assert refused.value.code == "unknown_adapter"


def test_eight_threads_get_the_answers_of_one(mnist, images):
    expected = mnist.logits(images)
    wrong = []

    def ask():
        for _ in range(20):
            if not np.array_equal(mnist.logits(images), expected):
                wrong.append(1)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_nothing_grows_over_ten_thousand_calls(small, quadrants):
    x = quadrants[0][:4].copy()
    ask = [lambda: small.predict(x), lambda: small.predict_proba(x), lambda: small.adapter.biases, lambda: small.backbone.layers]
    for _ in range(500):
        [act() for act in ask]
    gc.collect()
    counts = sys.getrefcount(x), sys.getrefcount(small._native), sys.getrefcount(None)
    before = resident()
    for _ in range(10_000):
        ask[0]()
    for _ in range(2_500):
        [act() for act in ask]
    gc.collect()
    after = sys.getrefcount(x), sys.getrefcount(small._native), sys.getrefcount(None)
    assert after[:2] == counts[:2] and abs(after[2] - counts[2]) < 100
    assert resident() - before < 8 << 20


def damaged(data: bytes):
    yield b""
    yield data[: len(data) // 2]
    yield data + b"\0"
    yield data[:200] + bytes([data[200] ^ 1]) + data[201:]
    yield data[:-1] + bytes([data[-1] ^ 1])


def test_a_damaged_file_is_refused(adapters, tmp_path):
    for data in damaged((adapters / "mnist.safetensors").read_bytes()):
        (tmp_path / "damaged.safetensors").write_bytes(data)
        with pytest.raises(ValueError) as refused:
            Model.load(tmp_path / "damaged.safetensors")
        assert isinstance(refused.value, errors.BiasAdaptersError)


def test_files_that_are_not_there_and_a_hub_that_is_away(adapters, tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError):
        Adapter.load(tmp_path / "none.safetensors")
    with pytest.raises(FileNotFoundError):
        Backbone.load(tmp_path / "none.toml")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    for act in (lambda: Model.load("ada/mnist@main"), lambda: __import__("bias_adapters").pull("ada/mnist")):
        with pytest.raises(errors.HubError) as refused:
            act()
        assert isinstance(refused.value, OSError) and refused.value.hint


def test_an_adapter_of_another_backbone_is_refused(mnist):
    with pytest.raises(errors.BackboneMismatchError) as refused:
        Model(mnist.adapter, Backbone("images-pixels", width=64))
    assert refused.value.code == "backbone_mismatch" and "sha256:" in str(refused.value)


def test_errors_keep_what_they_say_when_pickled(tmp_path):
    raised = []
    for act in (lambda: Adapter.load(tmp_path / "none"), lambda: Adapter.from_bytes(b"x"), lambda: Runtime().unload("x")):
        with pytest.raises(errors.BiasAdaptersError) as refused:
            act()
        raised.append(refused.value)
    for error in raised:
        copy = pickle.loads(pickle.dumps(error))
        assert type(copy) is type(error)
        assert (copy.code, copy.hint, str(copy)) == (error.code, error.hint, str(error))


def test_a_pickle_of_another_version_is_refused():
    from bias_adapters._core import _backbone_of

    backbone = Backbone("images-pixels", width=8)
    import json

    with pytest.raises(ValueError, match="another version") as refused:
        _backbone_of(json.dumps(backbone.spec), "sha256:" + "0" * 64)
    assert refused.value.code == "regenerated"
