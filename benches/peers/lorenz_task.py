"""The task `lorenz` of bl-adapt, for its peers: x of Lorenz' system by Euler's method, 27 samples ahead."""

import numpy as np

HORIZON, WASHOUT, TEST, SAMPLES = 27, 50, 3000, 13_000


def lorenz():
    x, y, z, dt, values = 0.0, 1.0, 0.0, 0.01, []
    for _ in range(SAMPLES):
        values.append(x)
        x, y, z = x + dt * 10.0 * (y - x), y + dt * (x * (28.0 - z) - y), z + dt * (x * y - 8.0 / 3.0 * z)
    return np.array(values)


def split():
    """Standardised by the part that is learned from."""
    values = lorenz()
    held_out = WASHOUT + TEST + HORIZON
    train, test = values[:-held_out], values[-held_out:]
    return (train - train.mean()) / train.std(), (test - train.mean()) / train.std()


def r_squared(target, forecast):
    return float(1 - np.sum((target - forecast) ** 2) / np.sum((target - target.mean()) ** 2))


def median_valid(free_run, test, starts=10, run=1000, threshold=0.4):
    """Samples until a free run is more than 0.4 standard deviations off, over starts as bl-adapt's."""
    first = WASHOUT + HORIZON
    room = len(test) - first
    valid = []
    for nth in range(starts):
        start = first + nth * (room - run) // (starts - 1)
        error = np.abs(free_run(test[start - first : start], run) - test[start : start + run])
        lost = np.nonzero(error > threshold)[0]
        valid.append(int(lost[0]) if len(lost) else run)
    return float(np.median(valid))
