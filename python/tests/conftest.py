"""What tests share: shipped adapters, and a small data set that everybody can learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

ADAPTERS = Path(__file__).resolve().parents[2] / "adapters"


@pytest.fixture(scope="session")
def adapters() -> Path:
    assert ADAPTERS.is_dir(), f"the repository's adapters are expected in {ADAPTERS}"
    return ADAPTERS


@pytest.fixture(scope="session")
def quadrants():
    """Rows of two values, and whether their signs are the same."""
    x = np.random.default_rng(0).normal(size=(400, 2))
    return x, np.where(x[:, 0] * x[:, 1] > 0, "same", "other")


@pytest.fixture(scope="session")
def small(quadrants):
    """A model of rows."""
    import bias_adapters

    return bias_adapters.train(*quadrants, width=300, epochs=20, seed=1).model


@pytest.fixture(scope="session")
def mnist(adapters):
    from bias_adapters import Model

    return Model.load(adapters / "mnist.safetensors")


@pytest.fixture(scope="session")
def images():
    return np.random.default_rng(1).integers(0, 256, size=(12, 28, 28), dtype=np.uint8)
