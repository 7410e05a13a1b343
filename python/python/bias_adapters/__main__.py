"""The two programs: ``python -m bias_adapters adapt …`` and ``python -m bias_adapters run …``."""

from __future__ import annotations

import signal
import sys


def _program(name: str, arguments: list[str]) -> int:
    from . import _native

    # As in a program of its own: Ctrl-C ends it at once, or in order where the program itself takes care.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.stdout.flush()
    return _native.program([name, *arguments])


def bl_adapt() -> int:
    """The program ``bl-adapt``: train, inspect and keep adapters."""
    return _program("bl-adapt", sys.argv[1:])


def bl_run() -> int:
    """The program ``bl-run``: run, measure and serve adapters."""
    return _program("bl-run", sys.argv[1:])


def main() -> int:
    """Chooses the program by the first argument."""
    programs = {"adapt": "bl-adapt", "bl-adapt": "bl-adapt", "run": "bl-run", "bl-run": "bl-run"}
    chosen = programs.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if chosen is None:
        found = f"`{sys.argv[1]}`" if len(sys.argv) > 1 else "nothing"
        print(f"error: expected `adapt` or `run`, found {found}", file=sys.stderr)
        print("hint: python -m bias_adapters adapt --help", file=sys.stderr)
        return 2
    return _program(chosen, sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
