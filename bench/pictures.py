"""A first and a second epoch over pictures in class folders: lossnet against PyTorch's DataLoader with Pillow.

    python bench/pictures.py <folder> [pictures] [pairs]

Fills the folder with JPEGs of about 500 x 375 where it is empty (default: 10,000, of ten classes), then trains the same small model
on them in turn, lossnet and PyTorch, each as a process of its own: one epoch from nothing (lossnet decodes and keeps) with
decode: fast and with decode: exact, and with lossnet one more from what it kept. PyTorch has two workers, which decode whole, resize
the shorter side to 64 and cut the middle out, as torchvision's Resize and CenterCrop do. Prints seconds of whole processes, those of
all cores together (user and system) in brackets, and ratios.
"""

import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image

LOSSNET = pathlib.Path(__file__).resolve().parent.parent / "bin" / "lossnet.js"
SIZE, BATCH, CLASSES = 64, 64, 10
CONFIG = """
epochs: 1
dataset: {{ type: image_folder, root: {root}, image_size: 64, decode: {decode}, split: {{ val: 0.02, test: 0, by: random }} }}
loader: {{ batch_size: 64 }}
evaluation: {{ every: 0 }}
checkpoint: {{ monitor: train_loss }}
model:
  - {{ type: conv2d, out_channels: 8, kernel_size: 3, stride: 4 }}
  - {{ type: relu }}
  - {{ type: flatten }}
  - {{ type: linear, out_features: 10 }}
optimizer: {{ type: sgd, lr: 0.01 }}
"""


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


def timed(*command, **options):
    """Seconds as they pass, and those of all cores."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, **options)
    passed, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return passed, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def lossnet_epochs(root, decode):
    with tempfile.TemporaryDirectory() as where:
        (pathlib.Path(where) / "c.yaml").write_text(CONFIG.format(root=json.dumps(str(root)), decode=decode))
        own = {**os.environ, "LOSSNET_CACHE": str(pathlib.Path(where) / "cache")}
        library = pathlib.Path(os.environ.get("LOSSNET_CACHE", pathlib.Path.home() / ".cache" / "lossnet"))
        shutil.copytree(library, own["LOSSNET_CACHE"], ignore=shutil.ignore_patterns("pictures"))
        return [timed("node", LOSSNET, "train", "c.yaml", "-q", "--force", cwd=where, env=own) for _ in range(2)]


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    count, pairs = (int(text) for text in [*sys.argv[2:4], *["10000", "3"][len(sys.argv[2:4]) :]])
    if not root.exists():
        make(root, count)
    names = ["first epoch, fast", "first epoch, exact", "cached epoch"]
    ratios = []
    for _ in range(pairs):
        fast, cached = lossnet_epochs(root, "fast")
        exact, _ = lossnet_epochs(root, "exact")
        peer = timed(sys.executable, __file__, "--torch", root)
        ratios.append([peer[0] / own[0] for own in (fast, exact, cached)])
        texts = [f"{name} {own[0]:.1f} s ({own[1]:.1f})" for name, own in zip([*names, "PyTorch"], (fast, exact, cached, peer))]
        print("; ".join(texts), flush=True)
    for name, values in zip(names, zip(*ratios)):
        print(f"{name}: PyTorch takes {statistics.median(values):.2f} times as long")


if sys.argv[1] == "--torch":
    torch_epoch(pathlib.Path(sys.argv[2]))
else:
    main()
