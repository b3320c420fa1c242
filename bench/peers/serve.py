"""What every Python peer of the benchmark does alike: read the images, and answer commands.

The peer says on stdout that it is ready, as JSON with its versions; then each line `run` on stdin trains one epoch and
is answered with milliseconds per step. It ends with its stdin.
"""
import json, sys
import numpy as np

SIDE, CHANNELS = 32, 3


def images(path, records):
    """Bytes [records, height, width, channels] and classes [records], from the file that the benchmark wrote."""
    size = SIDE * SIDE * CHANNELS
    data = np.fromfile(path, np.uint8).reshape(-1, size + 1)[:records]
    return data[:, 1:].reshape(-1, SIDE, SIDE, CHANNELS).copy(), data[:, 0].astype(np.int64)


def serve(versions, run):
    print(json.dumps({"versions": versions}), flush=True)
    for line in sys.stdin:
        if line.strip() != "run":
            raise SystemExit(f"unknown command {line!r}")
        print(json.dumps({"ms": run()}), flush=True)
