"""Prints the numbers that the tests of bl-study's analyses are compared with, as JSON.

numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1, Python 3.11:
    python crates/bl-study/tests/reference.py > crates/bl-study/tests/reference.json
"""

import json

import numpy as np
from scipy import stats
from sklearn.cluster import KMeans

draw = np.random.default_rng(20250224)


def rounded(array, decimals=4):
    return np.round(array, decimals)


def variance():
    # Large means and small deviations: a sum of squares would lose every digit in f32.
    rows = (draw.normal(size=(41, 5)) * [1, 1e-3, 10, 0, 2] + [0, 100, 1e4, 7, -3]).astype(np.float32)
    doubles = rows.astype(np.float64)
    return {"rows": rows.tolist(), "means": doubles.mean(0).tolist(), "variances": doubles.var(0).tolist()}


def correlation():
    cases = []
    for xs, ys in [
        (draw.normal(size=30), draw.normal(size=30)),
        (draw.integers(0, 5, 25).astype(float), draw.integers(0, 5, 25).astype(float)),  # many ties
        (np.arange(12.0), np.exp(np.arange(12.0))),  # monotone: rho = 1
        (np.array([1.0, 2.0, 4.0]), np.array([3.0, 1.0, 1.0])),  # the smallest n
    ]:
        xs, ys = rounded(xs), rounded(ys)
        pearson, spearman = stats.pearsonr(xs, ys), stats.spearmanr(xs, ys)
        cases.append({
            "xs": xs.tolist(), "ys": ys.tolist(),
            "ranks": stats.rankdata(xs).tolist(),
            "pearson": [pearson.statistic, pearson.pvalue],
            "spearman": [spearman.statistic, spearman.pvalue],
        })
    return cases


def histogram():
    values = np.concatenate([rounded(draw.gamma(1.5, 0.3, 200), 3), [0.1, 0.5, 2.0, 2.0]])
    edges = np.array([0.1, 0.2, 0.5, 1.0, 2.0])
    return {"values": values.tolist(), "edges": edges.tolist(), "counts": np.histogram(values, edges)[0].tolist()}


def summary():
    values = [0.933, 0.9352, 0.9341, 0.9327, 0.935]
    return {"values": values, "mean": np.mean(values), "sd": np.std(values, ddof=1), "sem": stats.sem(values)}


def clusters(vectors, k, restarts):
    fitted = KMeans(k, n_init=restarts, random_state=0, tol=0, max_iter=1000).fit(vectors)
    return {"vectors": vectors.tolist(), "k": k, "inertia": fitted.inertia_, "labels": fitted.labels_.tolist()}


def separated():
    centres = np.array([[0, 0, 0], [5, 0, 0], [0, 5, 0], [0, 0, 5], [5, 5, 5]])
    return clusters(rounded(np.concatenate([c + 0.3 * draw.normal(size=(16, 3)) for c in centres])), 5, 50)


def overlapping():
    return clusters(rounded(draw.uniform(size=(250, 7))), 8, 500)


if __name__ == "__main__":
    print(json.dumps({
        "variance": variance(), "correlation": correlation(), "histogram": histogram(),
        "summary": summary(), "separated": separated(), "overlapping": overlapping(),
    }))
