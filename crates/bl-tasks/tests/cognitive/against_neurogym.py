"""Our trials of the twenty tasks against those of neurogym (collection `yang19`), a package by the same authors.

    python3 -m venv VENV && VENV/bin/pip install neurogym torch      # neurogym 2.3.1 imports torch
    cargo run --release -p bl-tasks --example cognitive_trials -- 200 > trials.jsonl
    VENV/bin/python crates/bl-tasks/tests/cognitive/against_neurogym.py trials.jsonl

The two draw other trials, with other durations. What must agree: the numbers of inputs and outputs, what is seen in which
order, and which response is right for what is seen. The rules are stated once more here, and both have to follow them. What
is seen is read off the arrays, but for the directions of neurogym's stimuli, which may overlap: those are in its record of
the trial. Differences that are known are below, with their reasons; another one fails.
"""

import json
import sys
import warnings

import numpy as np

warnings.filterwarnings("ignore")
from neurogym.envs.collections import yang19  # noqa: E402

RING, DT = 32, 20
TAU, PREFERRED = 2 * np.pi, 2 * np.pi * np.arange(RING) / RING
NAMES = {"mult_dm": "multidm", "mult_dly_dm": "multidlydm"}  # the others are ours without `_`

# What is seen in which order, here and there: `+` comes, `-` goes, `f` fixation point, `1` and `2` stimuli; the response is
# due at `!`. In neurogym no stimulus but that of RT tasks is shown while the response is due, and the fixation point of RT, DM
# and matching tasks goes off with the first stimulus, though fixation is due until the response: its own simplifications.
ORDER = {
    "go": ("f+ 1+ f-!", "f+ 1+ f-1-!"),
    "rt_go": ("f+ 1+!", "f+ f-1+!"),  # in the paper, "the fixation input never goes off"
    "dly_go": ("f+ 1+ 1- f-!", "f+ 1+ 1- f-!"),
    "dm": ("f+ 1+2+ f-1-2-!", "f+ f-1+2+ 1-2-!"),
    "dly_dm": ("f+ 1+ 1- 2+ 2- f-!", "f+ f-1+ 1- 2+ 2-!"),  # a delay after the second stimulus, as in the paper
    "dms": ("f+ 1+ 1- 2+!", "f+ f-1+ 1- 2+ 2-!"),  # the second stimulus says that the response is due, as in the paper
}


def order_of(task):
    task = task.replace("anti", "go")
    if "dm" in task and not task.startswith(("dms", "dmc")):
        return ORDER["dly_dm" if "dly" in task else "dm"]
    return ORDER.get(task, ORDER["dms"])


def distance(a, b):
    apart = abs(a - b) % TAU
    return min(apart, TAU - apart)


def bump(direction):
    away = np.abs(direction - PREFERRED)
    away = np.minimum(away, TAU - away)
    return 0.8 * np.exp(-0.5 * (8 * away / np.pi) ** 2)


def peaks(ring):
    """The directions of bumps that are far apart: of a bump, ln(y_i+1 / y_i-1) = 2 d (θ - θ_i) / σ², with d = 2π/32."""
    left, right = np.roll(ring, 1), np.roll(ring, -1)
    found = np.flatnonzero((ring >= left) & (ring > right) & (ring > 0.05))
    step, sigma = TAU / RING, np.pi / 8
    return [(PREFERRED[i] + sigma**2 * np.log(right[i] / left[i]) / (2 * step)) % TAU for i in found]


def seen(inputs, directions):
    """Which of the directions are seen when and how strong: {(nth, modality): (from, to, strength)}."""
    found, bumps = {}, np.stack([bump(direction) for direction in directions], 1)
    for modality in (0, 1):
        rings = inputs[:, 1 + modality * RING :][:, :RING]
        for step, ring in enumerate(rings):
            if ring.max() < 0.05:
                continue
            strengths = np.linalg.lstsq(bumps, ring, rcond=None)[0]
            assert np.abs(bumps @ strengths - ring).max() < 0.01  # bumps, at these directions, and nothing else
            for nth, strength in enumerate(strengths):
                if strength > 0.02:
                    since = found.get((nth, modality), (step,))[0]
                    found[nth, modality] = (since, step + 1, strength)
    return found


def right(task, directions, sights):
    """The rules of the paper: the right direction, `None` to fixate, "tie" if nothing tells."""
    if "go" in task or "anti" in task:
        return (directions[0] + (np.pi if "anti" in task else 0)) % TAU
    if task in ("dms", "dnms"):
        alike = distance(*directions) < 0.02
    elif task in ("dmc", "dnmc"):
        alike = (directions[0] < np.pi - 1e-6) == (directions[1] < np.pi - 1e-6)
    else:
        counts = (0, 1) if task.startswith("mult") else (int(task[-1]) - 1,)
        a, b = (sum(sights[nth, modality][2] for modality in counts if (nth, modality) in sights) for nth in (0, 1))
        return "tie" if abs(a - b) < 1e-3 else directions[int(b > a)]
    return directions[1] if alike == task.startswith("dm") else None


def order(inputs, sights, due):
    """What is seen in which order, as in ORDER."""
    events, fixation = {}, inputs[:, 0] > 0.5
    at = lambda step, event: events.setdefault(step, set()).add(event)  # noqa: E731
    at(0, "f+")
    if not fixation.all():
        at(int(np.argmin(fixation)), "f-")
    for (nth, _), (since, until, _) in sights.items():
        at(since, f"{nth + 1}+")
        if until < len(inputs):
            at(until, f"{nth + 1}-")
    at(due, "~!")
    return " ".join("".join(sorted(events[step], key=lambda e: (e[0] != "f", e))) for step in sorted(events)).replace("~", "")


def ours(lines):
    """(task, inputs, when the response is due, the right direction), of ours by the targets."""
    for trial in map(json.loads, lines):
        since = [row["step"] for row in trial["rows"]] + [trial["steps"]]
        rows = [row for row, n in zip(trial["rows"], np.diff(since)) for _ in range(n)]
        inputs, targets, weights = (np.array([row[key] for row in rows]) for key in ("input", "target", "weight"))
        assert targets.shape[1] == 1 + RING and weights.min() >= 0
        direction = peaks(targets[-1, 1:] - 0.05)
        assert len(direction) == (targets[-1, 0] < 0.5) == (trial["direction"] is not None)
        yield trial["task"], inputs, trial["response"], direction[0] if direction else None


def directions_of(inputs):
    """Those of the stimuli, in the order of appearance; of two that appear at once, in any order."""
    found = []
    for step in range(len(inputs)):
        for ring in inputs[step, 1:].reshape(2, RING):
            found += [d for d in peaks(ring) if all(distance(d, other) > 0.02 for other in found)]
    return found


def theirs(task, trials):
    silent = {} if "go" in task or "anti" in task else {"sigma": 0}  # those have no noise
    env = getattr(yang19, NAMES.get(task, task.replace("_", "")))(dim_ring=RING, dt=DT, **silent)
    env.reset()
    for _ in range(trials):
        info, core = env.new_trial(), env.unwrapped
        assert env.action_space.n == 1 + RING
        if "sample_theta" in info:
            directions = [info["sample_theta"], info["test_theta"]]
        elif "theta1" in info:
            directions = [info["theta1"], info["theta2"]]
        else:
            directions = [(PREFERRED[info["ground_truth"]] + np.pi * info["anti"]) % TAU]
        answer = PREFERRED[core.gt[-1] - 1] if core.gt[-1] > 0 else None
        yield np.array(core.ob), int(core.start_t["decision"] / DT), answer, [float(d) for d in directions], info


def agree(a, b):
    return a is b is None or (a is not None and b is not None and distance(a, b) < 0.02)


def check_ours(task, trials):
    matching = task in ("dms", "dnms", "dmc", "dnmc")
    for inputs, due, answer in trials:
        assert inputs.shape[1] == 1 + 2 * RING, task
        directions = directions_of(inputs)
        if matching and len(directions) == 1:
            directions *= 2  # the same twice
        sights = seen_in_turn(inputs, directions) if matching else seen(inputs, directions)
        assert agree(right(task, directions, sights), answer), (task, directions, sights, answer)
        assert order(inputs, sights, due) == order_of(task)[0], (task, order(inputs, sights, due))


def seen_in_turn(inputs, directions):
    """As `seen`, of one stimulus after the other."""
    shown = inputs[:, 1:].max(1) > 0.05
    gap = int(np.flatnonzero(np.diff(shown.astype(int)) == -1)[0]) + 1
    first, second = inputs.copy(), inputs.copy()
    first[gap:, 1:], second[:gap, 1:] = 0, 0
    return {(nth, modality): sight for nth, part in enumerate((first, second))
            for (_, modality), sight in seen(part, [directions[nth]]).items()}


def check_theirs(task, trials):
    ties = boundary = 0
    for inputs, due, answer, directions, info in trials:
        assert inputs.shape[1] == 1 + 2 * RING, task
        sights = seen_in_turn(inputs, directions) if "sample_theta" in info else seen(inputs, directions)
        expected = right(task, directions, sights)
        if expected == "tie":
            ties += 1  # drawn where both modalities cancel: neurogym tosses a coin
        elif not agree(expected, answer):
            # A sample at 180° is of its first category (`i > half`), a test stimulus there of its second (`half + …`).
            assert task in ("dmc", "dnmc") and distance(directions[0], np.pi) < 1e-6, (task, directions, sights, answer)
            boundary += 1
        assert order(inputs, sights, due) == order_of(task)[1], (task, order(inputs, sights, due))
    assert ties == 0 or task in ("mult_dm", "mult_dly_dm")
    return [f"{ties} ties"] * (ties > 0) + [f"{boundary} with a sample at 180°"] * (boundary > 0)


def main():
    by_task = {}
    for task, *trial in ours(open(sys.argv[1]) if len(sys.argv) > 1 else sys.stdin):
        by_task.setdefault(task, []).append(trial)
    assert len(by_task) == 20
    for task, trials in by_task.items():
        check_ours(task, trials)
        notes = check_theirs(task, theirs(task, len(trials)))
        here, there = order_of(task)
        print(f"{task:12} {len(trials)} trials each: {here if here == there else f'{here}   neurogym: {there}'}"
              f"{'; neurogym: ' + ', '.join(notes) if notes else ''}")


if __name__ == "__main__":
    main()
