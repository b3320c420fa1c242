"""A first and a later epoch over pictures in class folders: lossnet against PyTorch's DataLoader with Pillow, and against Keras.

    python bench/pictures.py <folder> [pictures] [pairs]

Fills the folder with JPEGs of about 500 x 375 where it is empty (default: 10,000, of ten classes), then trains the same small model
on them in turn, each as a process of its own: one epoch from nothing (lossnet decodes and keeps) with decode: fast and with
decode: exact; PyTorch has two workers, which decode whole (no draft), resize the shorter side to 64 with Pillow's bilinear filter,
which is antialiased, and cut the middle out, as torchvision's Resize and CenterCrop do; Keras has image_dataset_from_directory, which
cuts the middle out and resizes it without antialiasing (its default, and less work), with .cache() in memory and .prefetch().
Then another epoch without decoding: lossnet from what it kept, in a new process and within one; Keras from its cache, within one.
Prints seconds of whole processes, those of all cores together (user and system) in brackets, seconds of second epochs, and ratios.
"""

import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image

from small_model import copy_cache, write_config

LOSSNET = pathlib.Path(__file__).resolve().parent.parent / "bin" / "lossnet.js"
SIZE, BATCH, CLASSES = 64, 64, 10
DATASET = "type: image_folder, root: {root}, image_size: 64, decode: {decode}, split: {{ val: 0.02, test: 0, by: random }}"


def make(root, count):
    rng = np.random.default_rng(0)
    for i in range(count):
        folder = root / f"class{i % CLASSES}"
        folder.mkdir(parents=True, exist_ok=True)
        coarse = Image.fromarray(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)).resize((500, 375), Image.BICUBIC)
        noisy = np.asarray(coarse, dtype=np.int16) + rng.integers(-12, 13, (375, 500, 3))
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(folder / f"{i}.jpg", quality=90)


class Pictures:
    def __init__(self, root):
        self.files = sorted(root.glob("*/*.jpg"))
        self.classes = sorted({file.parent.name for file in self.files})

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        import torch

        image = Image.open(self.files[i]).convert("RGB")
        scale = SIZE / min(image.size)
        image = image.resize((round(image.width * scale), round(image.height * scale)), Image.BILINEAR)
        left, top = (image.width - SIZE) // 2, (image.height - SIZE) // 2
        pixels = np.asarray(image.crop((left, top, left + SIZE, top + SIZE)))
        return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float().div(255), self.classes.index(self.files[i].parent.name)


def torch_epoch(root):
    import torch
    from torch import nn

    model = nn.Sequential(nn.Conv2d(3, 8, 3, stride=4), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 16 * 16, CLASSES))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for inputs, targets in torch.utils.data.DataLoader(Pictures(root), BATCH, shuffle=True, num_workers=2):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs), targets).backward()
        optimizer.step()


def keras_epochs(root):
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras
    import tensorflow as tf

    class Seconds(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.began = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            self.last = time.perf_counter() - self.began

    data = keras.utils.image_dataset_from_directory(
        root, image_size=(SIZE, SIZE), batch_size=BATCH, crop_to_aspect_ratio=True, seed=0, verbose=False
    )
    model = keras.Sequential(
        [
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(8, 3, strides=4, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(CLASSES),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss=loss)
    seconds = Seconds()
    model.fit(data.cache().prefetch(tf.data.AUTOTUNE), epochs=2, verbose=0, callbacks=[seconds])
    print(seconds.last)


def timed(*command, **options):
    """Seconds as they pass, those of all cores, and what was printed."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **options).stdout
    passed, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return passed, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, printed


def lossnet_epochs(root, decode):
    with tempfile.TemporaryDirectory() as where:
        write_config(pathlib.Path(where) / "c.yaml", DATASET.format(root=json.dumps(str(root)), decode=decode), 1)
        own = {**os.environ, "LOSSNET_CACHE": str(pathlib.Path(where) / "cache")}
        copy_cache(own["LOSSNET_CACHE"])
        train = lambda epochs: timed("node", LOSSNET, "train", "c.yaml", "-q", "--force", f"epochs={epochs}", cwd=where, env=own)
        first, kept = train(1), train(2)
        second = json.loads((pathlib.Path(where) / "runs" / "c" / "timings.jsonl").read_text().splitlines()[1])["train_seconds"]
        return first, (kept[0] - second, kept[1]), second


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    count, pairs = (int(text) for text in [*sys.argv[2:4], *["10000", "3"][len(sys.argv[2:4]) :]])
    if not root.exists():
        make(root, count)
    ratios = {}
    for _ in range(pairs):
        fast, kept, second = lossnet_epochs(root, "fast")
        exact, *_ = lossnet_epochs(root, "exact")
        torch = timed(sys.executable, __file__, "--torch", root)
        keras = timed(sys.executable, __file__, "--keras", root)
        keras_second = float(keras[2].split()[-1])
        keras_first = keras[0] - keras_second
        print(
            f"first epoch, fast {fast[0]:.1f} s ({fast[1]:.1f}), exact {exact[0]:.1f} s ({exact[1]:.1f}), "
            f"PyTorch {torch[0]:.1f} s ({torch[1]:.1f}), Keras {keras_first:.1f} s; from what was kept {kept[0]:.1f} s; "
            f"second epoch {second:.2f} s, Keras {keras_second:.2f} s",
            flush=True,
        )
        for what, ratio in [
            ("first epoch, fast: PyTorch", torch[0] / fast[0]),
            ("first epoch, exact: PyTorch", torch[0] / exact[0]),
            ("first epoch, fast: Keras", keras_first / fast[0]),
            ("first epoch, exact: Keras", keras_first / exact[0]),
            ("an epoch from what was kept: PyTorch", torch[0] / kept[0]),
            ("second epoch, in memory: Keras", keras_second / second),
        ]:
            ratios.setdefault(what, []).append(ratio)
    for what, values in ratios.items():
        print(f"{what} takes {statistics.median(values):.2f} times as long")


if sys.argv[1] == "--torch":
    torch_epoch(pathlib.Path(sys.argv[2]))
elif sys.argv[1] == "--keras":
    keras_epochs(pathlib.Path(sys.argv[2]))
else:
    main()
