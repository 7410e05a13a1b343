"""A run is a function of its data and settings, can be watched and stopped, and goes on to the same bytes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import bias_adapters
import numpy as np
import pytest
from bias_adapters import Adapter, Model, shared_frozen_halves, train


def test_the_same_run_gives_the_same_bytes(quadrants):
    x, y = quadrants
    runs = [train(x, y, width=200, epochs=3, seed=5).adapter for _ in range(2)]
    runs.append(train(np.asfortranarray(x), y.astype(object), width=200, epochs=3, seed=5).adapter)
    runs.append(train(x, y, width=200, epochs=3, seed=5, cache_memory=10_000).adapter)
    assert all(run == runs[0] for run in runs)
    assert train(x, y, width=200, epochs=3, seed=6).adapter != runs[0]


def test_a_shared_frozen_half_changes_no_bit(quadrants):
    x, y = quadrants
    alone = [train(x, y, width=200, epochs=2, lr=lr).adapter for lr in (0.01, 0.1)]
    with shared_frozen_halves() as cache:
        together = [train(x, y, width=200, epochs=2, lr=lr).adapter for lr in (0.01, 0.1)]
        assert cache.bytes > 0
        other = train(x[:300], y[:300], width=200, epochs=2, lr=0.1).adapter
    assert together == alone
    assert other == train(x[:300], y[:300], width=200, epochs=2, lr=0.1).adapter


def test_every_kind_of_data_is_learned(quadrants):
    x, y = quadrants
    classes = train(x[:300], y[:300], test=(x[300:], y[300:]), width=500, seed=1)
    assert classes.metrics["test"]["accuracy"] > 0.9
    assert classes.model.labels == ["other", "same"]
    numbers = train(x[:300], x[:300].prod(axis=1), test=(x[300:], x[300:].prod(axis=1)), width=500, seed=1)
    assert numbers.metrics["test"]["r2"] > 0.8
    assert numbers.model.predict(x).shape == (400,)
    squares = np.zeros((200, 8, 8), np.uint8)
    places = np.arange(200) % 4
    for image, place in zip(squares, places, strict=True):
        image[4 * (place // 2) : 4 * (place // 2) + 4, 4 * (place % 2) : 4 * (place % 2) + 4] = 200
    images = train(squares, places, width=200, epochs=5)
    assert (images.model.predict(squares) == places.astype(str)).all()
    wave = np.sin(np.arange(900) / 9)
    series = train(wave, test=200, horizon=3, width=256, gain=1.2, epochs=12)
    assert series.metrics["test"]["teacher_forced_r2"] > 0.9
    assert train(wave, width=64, epochs=1).metrics == {}, "nothing is held out, nothing is measured"


def test_progress_is_told_and_may_end_the_run(quadrants):
    told = []
    trained = train(*quadrants, width=100, epochs=3, progress=told.append)
    assert [epoch["epoch"] for epoch in told] == [1, 2, 3]
    assert [epoch["train_loss"] for epoch in told] == [epoch["loss"] for epoch in trained.history]

    def enough(epoch):
        if epoch["epoch"] == 2:
            raise StopIteration("enough")

    with pytest.raises(StopIteration, match="enough"):
        train(*quadrants, width=100, epochs=30, progress=enough)


STOPPED = """
import sys, time, numpy as np, bias_adapters
rng = np.random.default_rng(0)
x = rng.normal(size=(3000, 20)); y = (x[:, 0] > 0).astype(int)
def told(epoch):
    print("epoch", epoch["epoch"], flush=True)
try:
    bias_adapters.train(x, y, width=4000, epochs=4000, progress=told, checkpoint="run.checkpoint")
except KeyboardInterrupt as stopped:
    print("stopped", stopped.checkpoint, flush=True)
"""


def test_ctrl_c_stops_within_a_second_and_keeps_the_checkpoint(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", STOPPED], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("epoch")
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=30)
    assert time.monotonic() - asked < 5, "a second, and what a busy machine adds to the end of a process"
    assert rest.strip().splitlines()[-1] == "stopped run.checkpoint"
    assert (tmp_path / "run.checkpoint").exists()
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3000, 20))
    with pytest.raises(ValueError, match="another run"):
        train(x, (x[:, 0] > 0).astype(int), width=4000, epochs=3, checkpoint=tmp_path / "run.checkpoint", resume=True)


def test_a_run_that_was_stopped_goes_on_to_the_same_bytes(quadrants, tmp_path):
    def enough(epoch):
        if epoch["epoch"] == 3:
            raise RuntimeError("enough")

    path = tmp_path / "run.checkpoint"
    with pytest.raises(RuntimeError, match="enough"):
        train(*quadrants, width=100, epochs=6, checkpoint=path, progress=enough)
    resumed = train(*quadrants, width=100, epochs=6, checkpoint=path, resume=True)
    assert resumed.adapter == train(*quadrants, width=100, epochs=6).adapter


def test_other_values_make_another_adapter(small, quadrants):
    adapter = small.adapter
    moved = adapter.with_values([adapter.biases[0] + 0.5])
    assert moved != adapter and moved.metrics == {} and moved.header.get("training") is None
    assert not np.array_equal(Model(moved, small.backbone).logits(quadrants[0]), small.logits(quadrants[0]))
    for bad in ([], [adapter.biases[0][:5]], [np.full_like(adapter.biases[0], np.nan)]):
        with pytest.raises(ValueError):
            adapter.with_values(bad)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_answers_and_trains(small, quadrants):
    x, y = quadrants
    expected = small.logits(x)  # threads are running now, and are gone in a child
    child = os.fork()
    if child == 0:
        same = np.array_equal(small.logits(x), expected)
        trained = train(x, y, width=100, epochs=2).adapter
        os._exit(0 if same and isinstance(trained, Adapter) else 1)
    deadline = time.monotonic() + 60
    done, status = 0, 1
    while not done and time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        time.sleep(0.02)
    if not done:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert done and status == 0


def test_a_task_that_nobody_knows_is_refused():
    for name in ("mnits", "./no-such-folder", "no-such.csv"):
        with pytest.raises((ValueError, OSError)) as refused:
            train(name)
        assert isinstance(refused.value, bias_adapters.errors.BiasAdaptersError)
