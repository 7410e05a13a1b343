"""The task `lorenz` of bl-adapt, for its peers: x of Lorenz' system by Euler's method, 27 samples ahead."""

import hashlib

import numpy as np

HORIZON, WASHOUT, TEST, SAMPLES = 27, 50, 3000, 13_000
# As `bl-adapt data info lorenz --json` prints them: the system is chaotic, so another order of the same operations is another
# trajectory within some 3,000 samples.
TRAIN_SHA256 = "18ad5f5cc7eeba822c71ee7d030e9ba6aa1f8f915f4ea21b3c3678bf1ec0526f"
TEST_SHA256 = "05ceae376d78fe853650643188c19bd1f6a8710441242d6fe362c4613a7df695"


def lorenz():
    x, y, z, dt, values = 0.0, 1.0, 0.0, 0.01, []
    for _ in range(SAMPLES):
        values.append(x)
        dx, dy, dz = 10.0 * (y - x), x * (28.0 - z) - y, x * y - (8.0 / 3.0) * z
        x, y, z = x + dt * dx, y + dt * dy, z + dt * dz
    return np.array(values)


def split():
    """Standardised by the part that is learned from."""
    values = lorenz()
    held_out = WASHOUT + TEST + HORIZON
    train, test = values[:-held_out], values[-held_out:]
    for part, expected in ((train, TRAIN_SHA256), (test, TEST_SHA256)):
        found = hashlib.sha256(part.astype("<f8").tobytes()).hexdigest()
        if found != expected:
            raise SystemExit(f"trajectory has digest {found}, expected bl-adapt's {expected}")
    return (train - train.mean()) / train.std(), (test - train.mean()) / train.std()


def r_squared(target, forecast):
    return float(1 - np.sum((target - forecast) ** 2) / np.sum((target - target.mean()) ** 2))


def valid_samples(free_run, series, starts=10, run=1000, threshold=0.4):
    """Samples until a free run is more than 0.4 standard deviations off: the median over starts as bl-adapt's."""
    first = WASHOUT + HORIZON
    room = len(series) - first
    valid = []
    for nth in range(starts):
        start = first + nth * (room - run) // (starts - 1)
        error = np.abs(free_run(series[start - first : start], run) - series[start : start + run])
        lost = np.nonzero(~(error <= threshold))[0]
        valid.append(int(lost[0]) if len(lost) else run)
    return float(np.median(valid))
