"""What every Python peer of the benchmark does alike: read the samples, and answer requests.

They speak as bench/protocol.ts says, a line of JSON for each message: first that the peer is ready, with its versions; then
each request of type "run" on stdin trains one epoch, and is answered with milliseconds per step. It ends with its stdin.
"""
import json, os, sys
import numpy as np

SIDE, CHANNELS = 32, 3
KINDS = {"mlp": "digits", "lstm": "tokens", "table-64": "table", "table-256": "table"}


def samples(folder, model, records):
    """Inputs and classes of so many samples, from the files that the benchmark wrote: images as bytes, channels last."""
    kind = KINDS.get(model, "images")
    inputs, targets = (np.load(os.path.join(folder, f"{kind}-{part}.npy"))[:records] for part in ("inputs", "targets"))
    return inputs.copy(), targets.astype(np.int64)


def images(path, records):
    """Bytes [records, height, width, channels] and classes [records], from a file of both as `bench:parallel` writes it."""
    size = SIDE * SIDE * CHANNELS
    data = np.fromfile(path, np.uint8).reshape(-1, size + 1)[:records]
    return data[:, 1:].reshape(-1, SIDE, SIDE, CHANNELS).copy(), data[:, 0].astype(np.int64)


def memory_mb():
    """The memory that this process has now; None where the system does not tell."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return None


def serve(versions, loaded_mb, run):
    say({"type": "ready", "versions": versions, "loadedMb": loaded_mb})
    for line in sys.stdin:
        request = json.loads(line)
        if request["type"] != "run":
            raise SystemExit(f"cannot do what is asked for: {request['type']!r}")
        say({"type": "run", "ms": run()})


def say(message):
    print(json.dumps(message), flush=True)
