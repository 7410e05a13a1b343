"""Executes the notebooks: ``python run.py [--pictures FOLDER]``. Their last figure each becomes a picture for the documents."""

from __future__ import annotations

import argparse
import base64
import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, help="where the last figure of each is written to, as python-NAME.png")
    pictures = parser.parse_args().pictures
    os.environ.pop("BL_DATA_DIR", None)  # on the data that the package carries, as a reader has them
    for path in sorted(FOLDER.glob("*.ipynb")):
        begin = time.monotonic()
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(FOLDER)}}).execute()
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        figures = [output["data"]["image/png"] for output in outputs if "image/png" in output.get("data", {})]
        if not figures:
            print(f"{path.name}: expected a figure, found none", file=sys.stderr)
            return 1
        if pictures:
            (pictures / f"python-{path.stem}.png").write_bytes(base64.b64decode(figures[-1]))
        print(f"{path.name}: {len(notebook.cells)} cells, {time.monotonic() - begin:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
