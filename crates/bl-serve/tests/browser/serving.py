"""A server to ask, and how the tests are told about it."""

import argparse
import subprocess
from contextlib import contextmanager
from pathlib import Path


def arguments(doc):
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bl-run", type=Path, required=True, help="the program")
    parser.add_argument("--adapters", type=Path, required=True, help="folder of adapters; files in it are replaced")
    parser.add_argument("--own", type=Path, required=True, help="lorenz.csv, and kwh.safetensors that was trained on it")
    parser.add_argument("--other", type=Path, required=True, help="another adapter whose name is in the folder")
    return parser


@contextmanager
def serving(args, *flags, adapters=None):
    """The address of `bl-run serve`, which ends with the block, and must end in order."""
    folder = adapters or args.adapters
    command = [args.bl_run, "serve", "--listen", "127.0.0.1:0", "--adapters", folder, "--quiet", *flags]
    with subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True) as server:
        try:
            address = server.stdout.readline().strip()
            if not address.startswith("http://127.0.0.1:"):
                raise SystemExit(f"error: expected the server's address, found `{address}`")
            yield address
        finally:
            server.terminate()
        if server.wait(timeout=30) != 0:
            raise SystemExit(f"error: the server ended with {server.returncode}")


def expect(condition, words):
    """Ends the test unless the condition holds; the words say what was expected and what was found."""
    if not condition:
        raise SystemExit(f"error: {words}")


def passed(words):
    print(f"ok  {words}", flush=True)
