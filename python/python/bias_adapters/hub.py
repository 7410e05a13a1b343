"""The Hugging Face Hub. The environment is that of its own tools: ``HF_HOME``, ``HF_TOKEN``, ``HF_HUB_OFFLINE``, …"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from . import _native
from ._core import Adapter, Model

__all__ = ["pull", "push"]


def pull(name: str) -> Adapter:
    """Downloads an adapter, or takes it from the cache, and verifies it.

    Parameters
    ----------
    name : str
        ``"org/name"`` or ``"org/name@revision"``.
    """
    path, _ = _native.pull(name)
    return Adapter.load(path)


def push(
    source: str | os.PathLike[str] | Adapter | Model,
    repo: str,
    *,
    revision: str = "main",
    message: str | None = None,
    private: bool = False,
    create_pr: bool = False,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Sends an adapter with its card, as one commit; makes the repository if it is not there.

    Returns
    -------
    dict
        ``files`` (names and bytes), ``commit`` and ``url``, as far as they are known.
    """
    if isinstance(source, (Adapter, Model)):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "adapter_model.safetensors"
            source.save(path)
            return push(
                path, repo, revision=revision, message=message, private=private, create_pr=create_pr, dry_run=dry_run
            )
    files, commit, url = _native.push(Path(source), repo, revision, message, private, create_pr, dry_run)
    return {"files": dict(files), "commit": commit, "url": url}
