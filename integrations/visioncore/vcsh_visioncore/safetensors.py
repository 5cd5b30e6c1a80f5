"""Reads `.safetensors` files, strictly: 8 bytes of length, a JSON header, then data without holes or overlap."""

import json
import math
import struct

import torch

LONGEST_HEADER = 100_000_000
TYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
}


def _once(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _entry(path, name, entry, size):
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"{path}: `{name}` needs dtype, shape and data_offsets")
    dtype, shape, offsets = TYPES.get(entry["dtype"]), entry["shape"], entry["data_offsets"]
    if dtype is None:
        raise ValueError(f"{path}: `{name}`: unknown element type {entry['dtype']!r}")
    for sizes, count in ((shape, None), (offsets, 2)):
        whole = isinstance(sizes, list) and all(type(value) is int and value >= 0 for value in sizes)
        if not whole or (count is not None and len(sizes) != count):
            raise ValueError(f"{path}: `{name}`: shape or data_offsets are no sizes")
    start, end = offsets
    if not start <= end <= size:
        raise ValueError(f"{path}: `{name}` lies beyond the end of the file: was it cut short?")
    if end - start != math.prod(shape) * torch.empty((), dtype=dtype).element_size():
        raise ValueError(f"{path}: `{name}` has {end - start} bytes, which is not what {entry['dtype']} {shape} takes")
    return dtype, shape, start, end


def read_safetensors(path):
    """Tensors by name, and the metadata, of a file.

    Raises:
        ValueError: for a file that is damaged, naming it and the place.
        OSError: where it can't be read.
    """
    with open(path, "rb") as file:
        head = file.read(8)
        if len(head) < 8:
            raise ValueError(f"{path}: too short for a .safetensors file")
        (length,) = struct.unpack("<Q", head)
        if length > LONGEST_HEADER:
            raise ValueError(f"{path}: no .safetensors file: its header would have {length} bytes")
        header = file.read(length)
        if len(header) < length:
            raise ValueError(f"{path}: ends in its header: was it cut short?")
        data = file.read()
    try:
        entries = json.loads(header.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not a readable .safetensors header: {error}") from None
    if not isinstance(entries, dict):
        raise ValueError(f"{path}: not a readable .safetensors header: no names")
    metadata = entries.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise ValueError(f"{path}: the metadata is not text by key")
    tensors, reached = {}, 0
    found = [(name, *_entry(path, name, entry, len(data))) for name, entry in entries.items()]
    for name, dtype, shape, start, end in sorted(found, key=lambda entry: entry[3:]):
        if start != reached:
            raise ValueError(f"{path}: before `{name}` the data has a hole or an overlap")
        reached = end
        flat = torch.frombuffer(bytearray(data[start:end]), dtype=dtype) if end > start else torch.empty(0, dtype=dtype)
        tensors[name] = flat.reshape(shape)
    if reached != len(data):
        raise ValueError(f"{path}: {len(data) - reached} bytes follow the last tensor")
    return tensors, metadata
