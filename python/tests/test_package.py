"""The package itself: what it brings, how fast it is there, and that its stubs are true."""

from __future__ import annotations

import ast
import doctest
import importlib
import subprocess
import sys
from pathlib import Path

import bias_adapters
import pytest
from bias_adapters import _native

PACKAGE = Path(bias_adapters.__file__).parent


def test_the_stubs_name_what_there_is():
    tree = ast.parse((PACKAGE / "_native.pyi").read_text())
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            assert callable(getattr(_native, node.name))
        if isinstance(node, ast.ClassDef):
            made = getattr(_native, node.name)
            stated = {of.name for of in node.body if isinstance(of, ast.FunctionDef)} - {"__new__"}
            assert stated == {name for name in vars(made) if not name.startswith("__")}, node.name
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    assert classes == {name for name, of in vars(_native).items() if isinstance(of, type)}
    assert (PACKAGE / "py.typed").exists()


def test_everything_public_says_what_it_is():
    for name in bias_adapters.__all__:
        assert name.startswith("__") or getattr(bias_adapters, name).__doc__, name


@pytest.mark.parametrize("name", ["", ".errors", "._core", "._training", ".estimators"])
def test_examples_in_docstrings(name):
    if name == ".estimators":
        pytest.importorskip("sklearn")
    module = importlib.import_module(f"bias_adapters{name}")
    failed, count = doctest.testmod(module)
    assert failed == 0 and (count > 0 or name == "")


def test_nothing_heavy_is_imported_unless_it_is_asked_for():
    code = "import sys, bias_adapters; print(sorted({'sklearn', 'torch', 'onnx', 'onnxruntime', 'pandas', 'scipy'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_a_class_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError):
        bias_adapters.NoSuchThing
    assert "BiasClassifier" in dir(bias_adapters)
