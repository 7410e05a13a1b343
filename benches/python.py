"""What the Python package costs and gives, all in one run: its overhead over the Rust library and over the program, and beside it
estimators of scikit-learn and an echo state network of reservoirpy, on the same data and cores.

    cargo build --release -p bl-benches --bin probabilities
    python benches/python.py --data-dir DIR [--part predict|fit|peers|search|forecast] [--out FILE]

Takes the package, scikit-learn and reservoirpy from the interpreter that it is run with.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import bias_adapters
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
TIMES = 7


def seconds(act):
    begin = time.perf_counter()
    result = act()
    return time.perf_counter() - begin, result


def predict(data: dict, args) -> dict:
    """`predict_proba` of 10,000 images, in turns with the library."""
    images = np.ascontiguousarray(data["x_test"])
    adapter = ROOT / "adapters" / "mnist.safetensors"
    model = bias_adapters.Model.load(adapter)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "images.bin"
        raw.write_bytes(images.tobytes())
        command = [target / "release" / "probabilities", adapter, raw]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as library:
            ours, theirs = [], []
            for turn in range(TIMES + 1):
                taken, _ = seconds(lambda: model.predict_proba(images))
                library.stdin.write("\n")
                library.stdin.flush()
                of_library = float(library.stdout.readline().split()[0])
                if turn:  # the first one is not counted
                    ours.append(taken)
                    theirs.append(of_library)
            library.stdin.close()
    small, _ = seconds(lambda: [model.predict_proba(images[:1]) for _ in range(200)])
    return {
        "images": len(images),
        "python_seconds": ours,
        "rust_seconds": theirs,
        "overhead_of_medians": statistics.median(ours) / statistics.median(theirs) - 1,
        "overhead_of_minima": min(ours) / min(theirs) - 1,
        "one_image_ms": 1e3 * small / 200,
    }


def fit(data: dict, args) -> dict:
    """`BiasClassifier.fit` of 60,000 images and 32,000 units, and `bl-adapt train` with the same settings."""
    x = data["x_train"].reshape(len(data["x_train"]), -1)
    settings = {"width": 32000, "epochs": args.epochs, "batch_size": 512, "lr": 0.1, "schedule": "cosine", "bias_init": 0.01}
    classifier = bias_adapters.BiasClassifier(image_shape=(28, 28), random_state=0, **settings)
    ours, program = [], []
    for _ in range(2):
        taken, _ = seconds(lambda: classifier.fit(x, data["y_train"]))
        ours.append(taken)
        with tempfile.TemporaryDirectory() as folder:
            options = [f"--{key.replace('_', '-')}={value}" for key, value in settings.items()]
            command = [sys.executable, "-m", "bias_adapters", "adapt", "train", "--task", "mnist", "--data-dir", args.data_dir, *options]
            command += ["--json", "--out", str(Path(folder) / "mnist.safetensors")]
            taken, done = seconds(lambda: subprocess.run(command, capture_output=True, text=True, check=True))
        program.append(taken)
    accuracy = classifier.score(data["x_test"].reshape(len(data["x_test"]), -1), data["y_test"])
    told = json.loads(done.stdout)
    return {
        "epochs": args.epochs,
        "fit_seconds": ours,
        "program_seconds": program,
        "program_says": {key: told[key] for key in ("seconds", "times", "test_accuracy") if key in told},
        "ratio_of_minima": min(ours) / min(program),
        "accuracy": accuracy,
    }


def peers(data: dict, args) -> dict:
    """Time and test accuracy of estimators on the same images."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier

    count = args.peer_images
    x, y = data["x_train"][:count].reshape(count, -1), data["y_train"][:count]
    test = data["x_test"].reshape(len(data["x_test"]), -1)
    scaled, scaled_test = (x / 255).astype(np.float32), (test / 255).astype(np.float32)
    ours = {"image_shape": (28, 28), "random_state": 0}
    runs = {
        "BiasClassifier(32000)": (bias_adapters.BiasClassifier(32000, **ours), x, test),
        "BiasClassifier(4000)": (bias_adapters.BiasClassifier(4000, **ours), x, test),
        "BiasClassifier(4000), rows": (bias_adapters.BiasClassifier(4000, random_state=0), x, test),
        "LogisticRegression(max_iter=100)": (LogisticRegression(max_iter=100), scaled, scaled_test),
        "MLPClassifier(100)": (MLPClassifier((100,), random_state=0), scaled, scaled_test),
        "MLPClassifier(512), 20 epochs": (MLPClassifier((512,), max_iter=20, random_state=0), scaled, scaled_test),
    }
    found = {"images": count}
    for name, (estimator, of_train, of_test) in runs.items():
        taken, _ = seconds(lambda: estimator.fit(of_train, y))
        asked, accuracy = seconds(lambda: estimator.score(of_test, data["y_test"]))
        found[name] = {"fit_seconds": taken, "score_seconds": asked, "accuracy": accuracy, "epochs": int(np.max(estimator.n_iter_))}
        print(name, found[name], flush=True)
    return found


def search(data: dict, args) -> dict:
    """A grid search with and without a shared frozen half."""
    from sklearn.model_selection import GridSearchCV

    count = 6000
    x, y = data["x_train"][:count].reshape(count, -1), data["y_train"][:count]

    def once():
        classifier = bias_adapters.BiasClassifier(16000, epochs=5, image_shape=(28, 28), random_state=0)
        return GridSearchCV(classifier, {"lr": [0.02, 0.05, 0.1, 0.2]}, cv=3, refit=False).fit(x, y).cv_results_["mean_test_score"]

    alone, expected = seconds(once)
    with bias_adapters.shared_frozen_halves():
        shared, scores = seconds(once)
    return {"images": count, "alone_seconds": alone, "shared_seconds": shared, "same_scores": bool((scores == expected).all())}


def forecast(data: dict, args) -> dict:
    """Lorenz' x, 27 samples ahead, and an echo state network of as many units."""
    from reservoirpy.datasets import lorenz
    from reservoirpy.nodes import Reservoir, Ridge
    from sklearn.metrics import r2_score

    series = lorenz(12_000, h=0.01)[:, :1]
    past, future, horizon = series[:9000], series[9000:], 27
    forecaster = bias_adapters.BiasForecaster(1024, horizon=horizon, random_state=0)
    ours, _ = seconds(lambda: forecaster.fit(past[:, 0]))
    said = forecaster.predict(future[:, 0])[100:-horizon]
    mean, deviation = past.mean(), past.std()
    shape = {"sr": 0.9, "lr": 1.0, "input_scaling": 0.1, "input_connectivity": 1.0}  # of the grid of peers/reservoirpy_esn.py
    network = Reservoir(1024, seed=0, **shape) >> Ridge(ridge=1e-10)
    scaled = (past - mean) / deviation
    theirs, _ = seconds(lambda: network.fit(scaled[:-horizon], scaled[horizon:], warmup=100))
    told = network.run((future - mean) / deviation)[100:-horizon, 0] * deviation + mean
    truth = future[100 + horizon :, 0]
    return {
        "samples": len(past),
        "BiasForecaster": {"fit_seconds": ours, "r2": r2_score(truth, said)},
        "reservoirpy": {"fit_seconds": theirs, "r2": r2_score(truth, told)},
    }


def main() -> None:
    parts = {act.__name__: act for act in (predict, fit, peers, search, forecast)}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--part", action="append", choices=parts)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--peer-images", type=int, default=60_000)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    data = bias_adapters.load_images("mnist", data_dir=args.data_dir)
    report = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count(), "load": os.getloadavg()}
    for name in args.part or parts:
        report[name] = parts[name](data, args)
        print(json.dumps({name: report[name]}, indent=1), flush=True)
    if args.out:
        args.out.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
