"""PyTorch's DistributedDataParallel over gloo, one thread for each rank, as a peer of several processes of lossnet.

Usage: torchrun --nproc-per-node RANKS ddp_peer.py tutorial|resnet BATCH STEPS EPOCHS IMAGES

BATCH is that of all ranks together. Rank 0 prints images per second of the last epoch, as JSON.
"""
import json, sys, time
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from serve import images


class Block(nn.Module):
    def __init__(self, into, out, stride):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(into, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU(),
            nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out),
        )
        self.projection = nn.Identity() if stride == 1 else nn.Sequential(
            nn.Conv2d(into, out, 1, stride, bias=False), nn.BatchNorm2d(out),
        )

    def forward(self, x):
        return torch.relu(self.layers(x) + self.projection(x))


def resnet():
    sizes = [(64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2), (512, 512, 1)]
    return nn.Sequential(
        nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
        *(Block(*size) for size in sizes),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10),
    )


def tutorial():
    return nn.Sequential(
        nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2),
        nn.Conv2d(32, 32, 5, padding=2), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10),
    )


name, batch, steps, epochs, path = sys.argv[1], *(int(text) for text in sys.argv[2:5]), sys.argv[5]
torch.set_num_threads(1)
dist.init_process_group("gloo")
rank, size = dist.get_rank(), dist.get_world_size()
pixels, classes = images(path, batch * steps)
pixels = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous()
classes = torch.from_numpy(classes)
model = DistributedDataParallel({"tutorial": tutorial, "resnet": resnet}[name]())
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
own = batch // size
for epoch in range(epochs):
    dist.barrier()
    started = time.perf_counter()
    for first in range(0, batch * steps, batch):
        part = slice(first + rank * own, first + (rank + 1) * own)
        optimizer.zero_grad()
        loss = loss_fn(model(pixels[part].float().div(255)), classes[part])
        loss.backward()
        optimizer.step()
        loss.item()
    seconds = time.perf_counter() - started
if rank == 0:
    print(json.dumps({"images_per_second": batch * steps / seconds, "torch": torch.__version__}))
dist.destroy_process_group()
