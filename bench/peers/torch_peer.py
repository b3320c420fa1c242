"""PyTorch as a peer of the benchmark: the tutorial's loop, in one of three modes.

Usage: python3 torch_peer.py eager|channels_last|compile tutorial|batch-norm BATCH STEPS IMAGES

The images are bytes in memory, in the layout that the mode likes best; each batch is cut from them in order and
divided by 255, which is the least that a DataLoader with ToTensor does.
"""
import sys, time
import torch
from torch import nn
from serve import images, serve

MODELS = {
    "tutorial": lambda: nn.Sequential(
        nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2),
        nn.Conv2d(32, 32, 5, padding=2), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10),
    ),
    "batch-norm": lambda: nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(4096, 10),
    ),
}

mode, name, batch, steps, path = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
pixels, classes = images(path, batch * steps)
pixels = torch.from_numpy(pixels).permute(0, 3, 1, 2)  # a view: in memory these are channels last
classes = torch.from_numpy(classes)
model = MODELS[name]()
if mode == "channels_last":
    model = model.to(memory_format=torch.channels_last)
else:
    pixels = pixels.contiguous()
if mode == "compile":
    model = torch.compile(model)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)


def loader():
    for first in range(0, batch * steps, batch):
        yield pixels[first : first + batch].float().div(255), classes[first : first + batch]


def run():
    started = time.perf_counter()
    running_loss = 0.0
    for inputs, targets in loader():
        outputs = model(inputs)
        loss = loss_fn(outputs, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    return (time.perf_counter() - started) * 1000 / steps


serve({"torch": torch.__version__}, run)
