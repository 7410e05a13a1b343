"""Arrays of any library, made what the native half takes: read right, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import InputError


def as_numpy(x: Any, name: str = "x") -> NDArray[Any]:
    """A NumPy array of whatever holds numbers: lists, NumPy, pandas, and anything with ``__dlpack__`` (torch, jax)."""
    if isinstance(x, np.ndarray):
        return x
    if hasattr(x, "__dlpack__") and hasattr(x, "__dlpack_device__"):
        try:
            return np.from_dlpack(x)
        except (BufferError, RuntimeError, TypeError, ValueError) as error:
            hint = "detach it and bring it to the CPU first, as `x.detach().cpu()`"
            raise InputError(f"`{name}` cannot be read as an array of the CPU: {error}", "not_readable", hint) from error
    return np.asarray(x)


def _numeric(x: NDArray[Any], name: str) -> None:
    if x.dtype.kind not in "buif":
        hint = "convert it, as with `x.astype(float)`"
        raise InputError(f"`{name}` has dtype {x.dtype}, expected uint8, float32 or float64", "dtype", hint)
    if x.dtype.kind == "f":
        finite = np.isfinite(x)
        if not finite.all():
            at = tuple(int(i) for i in np.argwhere(~finite)[0])
            what = f"expected finite values, found {x[at]} at {list(at)}"
            raise InputError(f"`{name}`: {what}", "not_finite", "leave such rows out, or put a value in their place")


def _rows(x: NDArray[Any], values: int, shape: Sequence[int] | None, name: str) -> NDArray[Any]:
    """``[count, …]`` as ``[count, values]``; one row without its first axis is not guessed at."""
    expected = f"[count, {values}]"
    allowed = [(values,)]
    if shape is not None:
        height, width, channels = shape
        allowed += [(height, width, channels)] + ([(height, width)] if channels == 1 else [])
        expected = " or ".join(f"[count, {', '.join(map(str, s))}]" for s in dict.fromkeys(allowed))
    if x.ndim < 1 or tuple(x.shape[1:]) not in allowed:
        hint = f"give one row a first axis, as `{name}[None]`" if tuple(x.shape) in allowed else None
        raise InputError(f"`{name}` has shape {list(x.shape)}, expected {expected}", "shape", hint)
    if x.shape[0] == 0:
        raise InputError(f"`{name}` has shape {list(x.shape)}, expected at least one row", "no_rows")
    return x.reshape(x.shape[0], values)


def pixels(x: Any, shape: Sequence[int], name: str = "x") -> NDArray[np.uint8]:
    """8-bit rows of images: ``uint8`` as it is; floats from 0 to 1, of which 1 is 255; other integers from 0 to 255."""
    array = as_numpy(x, name)
    _numeric(array, name)
    height, width, channels = shape
    array = _rows(array, height * width * channels, shape, name)
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    top = 1.0 if array.dtype.kind in "fb" else 255
    low, high = array.min(), array.max()
    if low < 0 or high > top:
        found = low if low < 0 else high
        hint = "divide by 255, or give `uint8`" if top == 1.0 and low >= 0 and high <= 255 else None
        message = f"`{name}` of dtype {array.dtype}: expected values from 0 to {top:g}, found {found}"
        raise InputError(message, "range", hint)
    if top == 255:
        return np.ascontiguousarray(array.astype(np.uint8))
    return np.ascontiguousarray(np.rint(array * array.dtype.type(255) if array.dtype.kind == "f" else array * 255.0).astype(np.uint8))


def real_rows(x: Any, columns: int | None, name: str = "x") -> NDArray[np.float64]:
    """Rows of real values, ``[count, columns]``."""
    array = as_numpy(x, name)
    _numeric(array, name)
    if columns is None:
        if array.ndim != 2 or array.shape[1] == 0:
            raise InputError(f"`{name}` has shape {list(array.shape)}, expected [count, columns]", "shape")
        columns = array.shape[1]
    array = _rows(array, columns, None, name)
    return np.ascontiguousarray(array, dtype=np.float64)


def series(x: Any, name: str = "y") -> NDArray[np.float64]:
    """One series, ``[samples]`` or ``[samples, 1]``."""
    array = as_numpy(x, name)
    _numeric(array, name)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise InputError(f"`{name}` has shape {list(array.shape)}, expected [samples] or [samples, 1]", "shape")
    return np.ascontiguousarray(array, dtype=np.float64)


def vector(x: Any, length: int, name: str) -> NDArray[np.float32]:
    """``[length]`` values as float32."""
    array = as_numpy(x, name)
    _numeric(array, name)
    if array.shape != (length,):
        raise InputError(f"`{name}` has shape {list(array.shape)}, expected [{length}]", "shape")
    return np.ascontiguousarray(array, dtype=np.float32)


def texts(x: Any, together: int) -> list[list[str]]:
    """Texts, or pairs of texts."""
    if isinstance(x, str):
        raise InputError("expected a list of texts, found one text", "shape", "give `[text]`")
    rows = [[row] if isinstance(row, str) else list(row) for row in x]
    if not rows:
        raise InputError("expected at least one text, found none", "no_rows")
    for i, row in enumerate(rows):
        if len(row) != together or not all(isinstance(text, str) for text in row):
            what = "a pair of texts" if together == 2 else "a text"
            raise InputError(f"row {i}: expected {what}, found {row!r}", "shape")
    return rows
