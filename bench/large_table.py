"""From the command to the first step on a large table: lossnet against pandas.read_csv on the same file.

    python bench/large_table.py <file.csv> [rows] [pairs]

Writes the table where it is not there: 29 columns of numbers with five decimals and a class (default: 1,000,000 rows). Then reads it in
turn with `lossnet train --dry-run` (reading, splitting, fitting, one step and one evaluation batch of a network of three layers at
batch 1,024) and with pandas, each as a process of its own. Prints seconds of whole processes, those of all cores together (user and
system) in brackets, memory, and their ratio.
"""

import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

LOSSNET = pathlib.Path(__file__).resolve().parent.parent / "bin" / "lossnet.js"
CONFIG = """
dataset: { type: csv, path: FILE, target: y }
epochs: 1
loader: { batch_size: 1024 }
model:
  - { type: linear, out_features: 64 }
  - { type: relu }
  - { type: linear, out_features: 64 }
  - { type: relu }
  - { type: linear, out_features: 2 }
optimizer: { type: adam, lr: 0.001 }
"""


def make(file, rows):
    rng = np.random.default_rng(0)
    with open(file, "w") as out:
        out.write(",".join(f"x{i}" for i in range(29)) + ",y\n")
        for first in range(0, rows, 50_000):
            x = rng.normal(size=(min(50_000, rows - first), 29)).round(5)
            names = np.where(x[:, 0] + x[:, 1] * x[:, 2] > 0, "p", "q")
            out.writelines(",".join(map(repr, map(float, row))) + f",{name}\n" for row, name in zip(x, names))


def timed(*command):
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    passed, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return passed, worked, max(before.ru_maxrss, after.ru_maxrss) / 1e6


def main():
    file = pathlib.Path(sys.argv[1]).resolve()
    rows, pairs = (int(text) for text in [*sys.argv[2:4], *["1000000", "3"][len(sys.argv[2:4]) :]])
    if not file.exists():
        make(file, rows)
    ratios = []
    with tempfile.TemporaryDirectory() as where:
        config = pathlib.Path(where) / "c.yaml"
        config.write_text(CONFIG.replace("FILE", str(file)))
        for _ in range(pairs):
            peer, peer_worked, _ = timed(sys.executable, "-c", f"import pandas; pandas.read_csv({str(file)!r})")
            own, worked, memory = timed("node", LOSSNET, "train", config, "--dry-run")
            ratios.append((own / peer, worked / peer_worked))
            print(f"lossnet {own:.1f} s ({worked:.1f}), {memory:.2f} GB at most; pandas {peer:.1f} s ({peer_worked:.1f})", flush=True)
    passed, worked = (statistics.median(values) for values in zip(*ratios))
    print(f"lossnet takes {passed:.2f} times as long, and {worked:.2f} times the time of all cores")


main()
