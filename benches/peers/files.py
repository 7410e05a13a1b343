"""What the peers read: gzip IDX files and our backbone files."""

import gzip
import json
import struct

import numpy as np


def read_idx(path):
    with gzip.open(path) as file:
        data = file.read()
    dims = data[3]
    shape = struct.unpack(f">{dims}I", data[4 : 4 + 4 * dims])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dims).reshape(shape)


def read_backbone(path):
    """Weights of a one-layer backbone file, hidden and readout: safetensors, int8 values and scales (FORMAT.md)."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])

    def tensor(name):
        info = header[name]
        begin, end = info["data_offsets"]
        kind = {"I8": np.int8, "F32": np.float32}[info["dtype"]]
        return np.frombuffer(data[8 + length + begin : 8 + length + end], kind).reshape(info["shape"])

    def weights(name):
        scale = tensor(f"{name}.scale")
        return tensor(f"{name}.q8").astype(np.float32) * scale[:, None]

    return weights("hidden.0.weight"), weights("readout.weight")
