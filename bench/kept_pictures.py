"""Pictures that were kept against cifar10: the same bytes, the same model.

    python bench/kept_pictures.py <folder with CIFAR-10's binary files> [pictures] [pairs]

Takes the training images of the folder again and again, each time with other noise, until there are so many (default: 20,000), and
writes them twice: as binary files of CIFAR-10, and as PNGs in class folders, 32 x 32, both with 1,000 to evaluate on. Trains a small
model on both in turn, six epochs each, once the pictures are kept. Prints seconds of an epoch (the median of the last five), of whole
processes without the epochs, and ratios.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image

from small_model import copy_cache, write_config

LOSSNET = pathlib.Path(__file__).resolve().parent.parent / "bin" / "lossnet.js"
RECORD, CLASSES, EPOCHS = 3073, 10, 6
DATASETS = {
    "cifar10": "type: cifar10, root: bytes",
    "image_folder": "type: image_folder, root: pictures, image_size: 32",
}


def records(source, count):
    rng = np.random.default_rng(0)
    own = np.concatenate([np.fromfile(file, np.uint8).reshape(-1, RECORD) for file in sorted(source.glob("**/data_batch_?.bin"))])
    own = own[np.arange(count) % len(own)].astype(np.int16)
    own[:, 1:] += rng.integers(-8, 9, (count, RECORD - 1), dtype=np.int16)
    return own.clip(0, 255).astype(np.uint8)


def write(where, part, files, own):
    for file, each in zip(files, np.array_split(own, len(files))):
        each.tofile(where / "bytes" / "cifar-10-batches-bin" / file)
    for i, record in enumerate(own):
        folder = where / "pictures" / part / f"class{record[0]}"
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(record[1:].reshape(3, 32, 32).transpose(1, 2, 0)).save(folder / f"{i}.png")


def run(where, name):
    own = {**os.environ, "LOSSNET_CACHE": str(where / "cache")}
    began = time.perf_counter()
    subprocess.run(["node", LOSSNET, "train", f"{name}.yaml", "-q", "--force"], cwd=where, env=own, check=True, capture_output=True)
    passed = time.perf_counter() - began
    lines = (where / "runs" / name / "timings.jsonl").read_text().splitlines()
    epochs = [json.loads(line)["train_seconds"] for line in lines]
    return statistics.median(epochs[1:]), passed - sum(epochs)


def main():
    source = pathlib.Path(sys.argv[1]).resolve()
    count, pairs = (int(text) for text in [*sys.argv[2:4], *["20000", "3"][len(sys.argv[2:4]) :]])
    with tempfile.TemporaryDirectory() as folder:
        where = pathlib.Path(folder)
        (where / "bytes" / "cifar-10-batches-bin").mkdir(parents=True)
        all_records = records(source, count + 1000)
        write(where, "train", [f"data_batch_{i}.bin" for i in range(1, 6)], all_records[:count])
        write(where, "val", ["test_batch.bin"], all_records[count:])
        copy_cache(where / "cache")
        for name, dataset in DATASETS.items():
            write_config(where / f"{name}.yaml", dataset, EPOCHS)
            run(where, name)
        seen = {name: [] for name in DATASETS}
        for _ in range(pairs):
            for name in DATASETS:
                epoch, rest = run(where, name)
                seen[name].append((epoch, rest))
                print(f"{name}: an epoch {epoch:.3f} s, {1e6 * epoch / count:.1f} us an image; all but epochs {rest:.2f} s", flush=True)
        for at, what in enumerate(["an epoch", "all but epochs"]):
            ratios = [ours[at] / theirs[at] for ours, theirs in zip(seen["image_folder"], seen["cifar10"])]
            print(f"{what}: pictures that were kept take {statistics.median(ratios):.2f} times as long")


main()
