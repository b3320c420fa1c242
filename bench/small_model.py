"""What pictures.py and kept_pictures.py share: a small model on pictures, and a cache of its own without pictures."""

import os
import pathlib
import shutil

CONFIG = """
epochs: {epochs}
dataset: {{ {dataset} }}
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


def write_config(file, dataset, epochs):
    file.write_text(CONFIG.format(dataset=dataset, epochs=epochs))


def copy_cache(folder):
    """Of all that lossnet has in its cache, what is not pictures: it need not be made again."""
    library = pathlib.Path(os.environ.get("LOSSNET_CACHE", pathlib.Path.home() / ".cache" / "lossnet"))
    shutil.copytree(library, folder, ignore=shutil.ignore_patterns("pictures"))
