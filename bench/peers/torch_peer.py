"""PyTorch as a peer of the benchmark: the tutorial's loop, in one of three modes.

Usage: python3 torch_peer.py eager|channels_last|compile MODEL BATCH STEPS SAMPLES

The samples are in memory, images as bytes in the layout that the mode likes best; each batch is cut from them in order,
and images are divided by 255, which is the least that a DataLoader with ToTensor does.
"""
import sys, time
import torch
from torch import nn
from torch.nn import functional as F
from serve import memory_mb, samples, serve

loaded = memory_mb()


class Block(nn.Module):
    """A residual block of ResNet-18."""

    def __init__(self, channels, out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.shortcut = nn.Sequential()
        if stride > 1:
            self.shortcut = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


def resnet():
    sizes = [(64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2), (512, 512, 1)]
    return nn.Sequential(
        nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
        *(Block(*size) for size in sizes),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10),
    )


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(19, 64)
        self.lstm = nn.LSTM(64, 256, num_layers=2, batch_first=True)
        self.linear = nn.Linear(256, 19)

    def forward(self, x):
        return self.linear(self.lstm(self.embedding(x))[0][:, -1])


def table(width):
    return nn.Sequential(nn.Linear(30, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 2))


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
    "resnet": resnet,
    "lstm": Lstm,
    "mlp": lambda: nn.Sequential(
        nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)
    ),
    "table-64": lambda: table(64),
    "table-256": lambda: table(256),
}
ADAM = ("lstm", "table-64", "table-256")

mode, name, batch, steps, path = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
inputs, classes = (torch.from_numpy(array) for array in samples(path, name, batch * steps))
is_image = inputs.dtype == torch.uint8
if inputs.dtype == torch.int32:
    inputs = inputs.long()
model = MODELS[name]()
if inputs.dim() == 4:
    inputs = inputs.permute(0, 3, 1, 2)  # a view: in memory these are channels last
    if mode == "channels_last":
        model = model.to(memory_format=torch.channels_last)
    else:
        inputs = inputs.contiguous()
parameters = list(model.parameters())
if mode == "compile":
    model = torch.compile(model)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(parameters, lr=0.001) if name in ADAM else torch.optim.SGD(parameters, lr=0.01)


def loader():
    for first in range(0, batch * steps, batch):
        cut = inputs[first : first + batch]
        yield cut.float().div(255) if is_image else cut, classes[first : first + batch]


def run():
    started = time.perf_counter()
    running_loss = 0.0
    for batch_inputs, targets in loader():
        outputs = model(batch_inputs)
        loss = loss_fn(outputs, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    return (time.perf_counter() - started) * 1000 / steps


serve({"torch": torch.__version__}, loaded, run)
