"""What can go wrong.

Every error states what was expected and what was found. ``code`` is for programs, ``hint`` says what to do.

>>> import bias_adapters
>>> try:
...     bias_adapters.Adapter.from_bytes(b"")
... except bias_adapters.errors.BiasAdaptersError as error:
...     print(type(error).__name__, error.code)
FormatError truncated
"""

from __future__ import annotations

__all__ = [
    "BackboneMismatchError",
    "BiasAdaptersError",
    "BiasAdaptersWarning",
    "FileError",
    "FormatError",
    "HubError",
    "InputError",
    "MissingExtraError",
    "MissingFileError",
    "TrainingError",
    "UnknownAdapterError",
    "VersionError",
]


class BiasAdaptersError(Exception):
    """The class of all errors of this package.

    Attributes
    ----------
    code : str
        Which error it is, such as ``"backbone_mismatch"``: it stays when words change.
    hint : str or None
        What to do about it.
    """

    code: str
    hint: str | None

    def __init__(self, message: str, code: str = "error", hint: str | None = None) -> None:
        super().__init__(message, code, hint)
        self.message = message
        self.code = code
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\nhint: {self.hint}"


class InputError(BiasAdaptersError, ValueError):
    """What was handed over cannot be used."""


class FormatError(BiasAdaptersError, ValueError):
    """A file's content is damaged, or of another format or version."""


class BackboneMismatchError(InputError):
    """An adapter was trained on another backbone."""


class FileError(BiasAdaptersError, OSError):
    """A file cannot be read or written."""

    def __init__(self, message: str, code: str = "error", hint: str | None = None) -> None:
        OSError.__init__(self, message)
        self.message = message
        self.code = code
        self.hint = hint

    def __reduce__(self) -> tuple[type, tuple[str, str, str | None]]:
        return type(self), (self.message, self.code, self.hint)


class MissingFileError(FileError, FileNotFoundError):
    """There is no such file."""


class HubError(FileError):
    """The Hub is away, refuses, or sent something else than was asked for."""


class TrainingError(BiasAdaptersError, RuntimeError):
    """Training did not come to a result."""


class UnknownAdapterError(BiasAdaptersError, KeyError):
    """No adapter has this name."""


class VersionError(BiasAdaptersError, RuntimeError):
    """A name stands for another version than was expected."""


class MissingExtraError(BiasAdaptersError, ImportError):
    """A package that is needed for this, and not for the rest, is not installed."""


class BiasAdaptersWarning(UserWarning):
    """Something that should be known of a result; the result is there."""
