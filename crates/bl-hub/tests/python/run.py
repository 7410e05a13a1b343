#!/usr/bin/env python3
"""The same cache and the same hub, seen by Python's huggingface_hub.

Makes a virtual environment below target/, starts the hub of the tests, and lets both sides read what the other wrote:

    cargo build --release --bin bl-adapt --bin mock-hub
    python3 crates/bl-hub/tests/python/run.py

Needs a package index for the first run (huggingface_hub), and no other network.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[4]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
VENV = TARGET / "hub-venv"
PACKAGE = "huggingface_hub>=1,<3"
REPO = "ada/digits"
FILES = ["adapter_model.safetensors", "adapter_config.json", "README.md"]


def main():
    if pathlib.Path(sys.prefix) != VENV:
        return in_venv()
    hub = subprocess.Popen([TARGET / "release/mock-hub"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        with tempfile.TemporaryDirectory() as work:
            check(hub.stdout.readline().strip(), pathlib.Path(work))
    finally:
        hub.stdin.close()
        hub.wait(10)
    print("huggingface_hub and bl-adapt read what the other wrote")


def in_venv():
    """Runs this script again, by a Python that has the package."""
    python = VENV / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    have = subprocess.run([python, "-c", "import huggingface_hub"], capture_output=True)
    if have.returncode:
        subprocess.run([python, "-m", "pip", "install", "--quiet", PACKAGE], check=True)
    sys.exit(subprocess.run([python, __file__]).returncode)


def check(endpoint, work):
    ours, theirs = work / "ours", work / "theirs"  # two homes: what is written in each, and by whom
    environment = {
        "HF_ENDPOINT": endpoint,
        "HF_TOKEN": "hf_test",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }
    for name in [name for name in os.environ if name.startswith("HF_")]:
        del os.environ[name]
    os.environ.update(environment, HF_HOME=str(theirs))

    def adapt(*args, home=ours, **variables):
        env = {**os.environ, "HF_HOME": str(home), **variables}
        done = subprocess.run([TARGET / "release/bl-adapt", *args], env=env, cwd=work, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    import huggingface_hub as hf

    print(f"huggingface_hub {hf.__version__}")
    adapt("train", "--task", "mnist", "--width", "96", "--epochs", "1", "--out", "mnist.safetensors")
    original = (work / "mnist.safetensors").read_bytes()

    # What we push, Python downloads.
    adapt("push", "mnist.safetensors", REPO, "--no-picture")
    for name in FILES:
        path = pathlib.Path(hf.hf_hub_download(REPO, name))
        assert path.is_symlink(), path
        if name == FILES[0]:
            assert path.read_bytes() == original
    commit = path.parent.name
    card = hf.ModelCard.load(path)
    assert card.data.library_name == "bias-adapters" and "bl-task:mnist" in card.data.tags, card.data
    assert card.data.eval_results[0].metric_type == "accuracy", card.data.eval_results
    assert not hf.file_exists(REPO, "none.json")

    # What Python put into a cache, we use without a connection, and our list shows.
    adapt("verify", REPO, home=theirs, HF_HUB_OFFLINE="1")
    adapt("verify", f"{REPO}@{commit}", home=theirs, HF_HUB_OFFLINE="1", HF_ENDPOINT="http://127.0.0.1:9")
    assert REPO in adapt("list", home=theirs, HF_HUB_OFFLINE="1")

    # What we put into a cache, Python uses without a connection: files, the branch, and what is noted as missing.
    adapt("pull", REPO)
    cache = ours / "hub"
    for name in FILES:
        path = pathlib.Path(hf.hf_hub_download(REPO, name, cache_dir=cache, local_files_only=True))
        assert path.parent.name == commit and path.resolve().parent == cache / "models--ada--digits/blobs"
    assert hf.try_to_load_from_cache(REPO, FILES[0], cache_dir=cache) == str(path.with_name(FILES[0]))
    scanned = hf.scan_cache_dir(cache)
    assert not scanned.warnings, scanned.warnings
    [repo] = scanned.repos
    assert repo.repo_id == REPO and repo.size_on_disk > len(original) and set(repo.refs) == {"main"}, repo
    folder = pathlib.Path(hf.snapshot_download(REPO, cache_dir=cache, local_files_only=True))
    assert {file.name for file in folder.iterdir()} == set(FILES)

    # The very same cache, by turns: neither fetches again what the other has.
    before = {path: path.stat().st_mtime_ns for path in (cache / "models--ada--digits/blobs").iterdir()}
    hf.snapshot_download(REPO, cache_dir=cache, allow_patterns=FILES)
    adapt("pull", REPO)
    assert before == {path: path.stat().st_mtime_ns for path in (cache / "models--ada--digits/blobs").iterdir()}

    # What Python uploads, we pull: the folder that a dry run writes, as one commit.
    adapt("push", "mnist.safetensors", "ada/copy", "--dry-run", "--out", "folder", "--no-picture")
    hf.create_repo("ada/copy", exist_ok=True)
    hf.upload_folder(repo_id="ada/copy", folder_path=work / "folder")
    report = json.loads(adapt("pull", "ada/copy", "--json", "--out", "copy.safetensors"))
    assert (work / "copy.safetensors").read_bytes() == original, report

    # A file that a commit lacks is noted alike.
    hf.create_repo("ada/bare", exist_ok=True)
    hf.upload_file(repo_id="ada/bare", path_in_repo=FILES[0], path_or_fileobj=work / "mnist.safetensors")
    adapt("pull", "ada/bare")
    missing = hf.try_to_load_from_cache("ada/bare", FILES[1], cache_dir=cache)
    assert missing is hf._CACHED_NO_EXIST or type(missing) is object, missing


if __name__ == "__main__":
    main()
