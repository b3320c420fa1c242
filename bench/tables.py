"""lossnet's first configuration for a table against scikit-learn's multi-layer perceptrons, on the same rows.

    python bench/tables.py <folder with iris.csv, wine_data.csv, ...> [seeds]

The tables are those that scikit-learn ships (sklearn/datasets/data). For each seed, rows are shared out by lot: 60 % to train on,
20 % to choose the best epoch with, 20 % to test on. lossnet trains with what `lossnet init` writes, and is tested with the weights
of its best epoch. scikit-learn's MLPClassifier and MLPRegressor have their defaults (100 hidden units, Adam), features (and real
targets) standardised, up to 2,000 iterations so that they converge, and train on the same 60 %. Both have the seed for their first
weights too. Prints a line for each table: both means, with their standard errors.
"""

import csv
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from sklearn.metrics import accuracy_score, root_mean_squared_error
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

LOSSNET = pathlib.Path(__file__).resolve().parent.parent / "bin" / "lossnet.js"
PARTS = np.array(["train", "val", "test"])


def read(path, delimiter=",", skip=0):
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else open(path)
    with opened as file:
        return np.loadtxt(file, delimiter=delimiter, skiprows=skip)


def tables(folder):
    for name, file in [("iris", "iris.csv"), ("wine", "wine_data.csv"), ("breast cancer", "breast_cancer.csv")]:
        data = read(folder / file, skip=1)
        yield name, data[:, :-1], data[:, -1].astype(int), "class"
    data = read(folder / "digits.csv.gz")
    yield "digits", data[:, :-1], data[:, -1].astype(int), "class"
    features = read(folder / "diabetes_data_raw.csv.gz", delimiter=None)
    yield "diabetes", features, read(folder / "diabetes_target.csv.gz", delimiter=None), "number"


def with_lossnet(where, x, y, kind, part, seed):
    names = [f"x{i}" for i in range(x.shape[1])]
    with open(where / "t.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*names, "y", "part"])
        for row, target, own in zip(x, y, part):
            writer.writerow([*map(repr, map(float, row)), f"c{target}" if kind == "class" else repr(float(target)), own])
    run = lambda *args: subprocess.run(["node", LOSSNET, *args], cwd=where, check=True, capture_output=True, text=True)
    run("init", "t.csv", "--target", "y", "--force")
    config = (where / "t.yaml").read_text().splitlines()
    config = [line for line in config if not line.startswith("    part:") and not line.startswith("  split:")]
    (where / "t.yaml").write_text("\n".join(config))
    run("train", "t.yaml", "dataset.split={ by: column, column: part }", f"seed={seed}", "--force", "-q")
    test = json.loads((where / "runs/t/summary.json").read_text())["test"]
    return test["test_accuracy" if kind == "class" else "test_rmse"]


def with_sklearn(x, y, kind, part, seed):
    train, test = part == "train", part == "test"
    scaler = StandardScaler().fit(x[train])
    make = MLPClassifier if kind == "class" else MLPRegressor
    model = make(random_state=seed, max_iter=2000)
    if kind == "class":
        model.fit(scaler.transform(x[train]), y[train])
        return accuracy_score(y[test], model.predict(scaler.transform(x[test])))
    mean, std = y[train].mean(), y[train].std()
    model.fit(scaler.transform(x[train]), (y[train] - mean) / std)
    return root_mean_squared_error(y[test], model.predict(scaler.transform(x[test])) * std + mean)


def main():
    warnings.filterwarnings("ignore")
    folder, seeds = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 10
    for name, x, y, kind in tables(folder):
        figures = []
        for seed in range(seeds):
            order = np.random.default_rng(seed).permutation(len(y))
            part = np.empty(len(y), dtype=object)
            part[order] = PARTS[np.digitize(np.arange(len(y)) / len(y), [0.6, 0.8])]
            with tempfile.TemporaryDirectory() as where:
                ours = with_lossnet(pathlib.Path(where), x, y, kind, part, seed)
            figures.append((ours, with_sklearn(x, y, kind, part, seed)))
        figures = np.array(figures)
        mean, error = figures.mean(0), figures.std(0, ddof=1) / np.sqrt(seeds)
        what = "accuracy" if kind == "class" else "rmse"
        print(f"{name}: {what} lossnet {mean[0]:.4f} ± {error[0]:.4f}, scikit-learn {mean[1]:.4f} ± {error[1]:.4f}", flush=True)


main()
