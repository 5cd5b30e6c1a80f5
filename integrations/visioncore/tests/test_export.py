"""Damaged safetensors files and exports that do not fit a model are refused by name; nothing is loaded halfway."""

import json
import os
import struct
import tempfile
import unittest

import torch
from support import read_yaml, zoo
from standin import StandIn
from vcsh_visioncore import load_export, read_export
from vcsh_visioncore.safetensors import read_safetensors


def packed(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(shape, start, end, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


class ExportTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "t.safetensors")

    def write(self, data):
        with open(self.path, "wb") as file:
            file.write(data)
        return self.path

    def test_a_whole_file_is_read_with_its_types(self):
        data = struct.pack("<2f", 1.5, -2) + struct.pack("<q", 7) + b"\x01" + struct.pack("<H", 0x3FC0)
        header = {
            "__metadata__": {"a": "b"}, "x": entry([2, 1], 0, 8), "n": entry([], 8, 16, "I64"),
            "t": entry([1], 16, 17, "BOOL"), "h": entry([1], 17, 19, "BF16"), "none": entry([0, 3], 19, 19)}
        tensors, metadata = read_safetensors(self.write(packed(header, data)))
        self.assertEqual(metadata, {"a": "b"})
        self.assertEqual(tensors["x"].tolist(), [[1.5], [-2]])
        self.assertEqual(tensors["n"].item(), 7)
        self.assertEqual(tensors["t"].tolist(), [True])
        self.assertEqual(tensors["h"].float().tolist(), [1.5])
        self.assertEqual(tuple(tensors["none"].shape), (0, 3))

    def test_damage_is_named(self):
        data = struct.pack("<2f", 1, 2)
        cases = {
            "too short": b"abc",
            "its header would have": struct.pack("<Q", 1 << 40) + b"{}",
            "ends in its header": struct.pack("<Q", 100) + b"{}",
            "not a readable": packed(b"{nonsense"),
            "twice": packed(b'{"a": 1, "a": 2}'),
            "needs dtype": packed({"x": {"dtype": "F32", "shape": [2]}}, data),
            "unknown element type": packed({"x": entry([2], 0, 8, "F99")}, data),
            "no sizes": packed({"x": entry([-2], 0, 8)}, data),
            "beyond the end": packed({"x": entry([4], 0, 16)}, data),
            "is not what": packed({"x": entry([3], 0, 8)}, data),
            "a hole": packed({"x": entry([1], 4, 8)}, data),
            "an overlap": packed({"x": entry([2], 0, 8), "y": entry([1], 4, 8)}, data),
            "follow the last": packed({"x": entry([1], 0, 4)}, data),
            "not text by key": packed({"__metadata__": {"a": 1}}),
            "no names": packed(b"[]"),
        }
        for text, content in cases.items():
            with self.subTest(text), self.assertRaisesRegex(ValueError, text):
                read_safetensors(self.write(content))

    def test_a_file_of_another_program_is_no_export(self):
        self.write(packed({"x": entry([1], 0, 4)}, struct.pack("<f", 1)))
        with self.assertRaisesRegex(ValueError, "export it with vcsh"):
            read_export(self.path)

    def test_an_export_that_does_not_fit_leaves_the_model_as_it_was(self):
        name = "syn_baseline_relu_dsover"
        heads = read_yaml(zoo(name, "datasets.yaml"))
        configuration = read_yaml(zoo(name, "config.yaml"))
        model = StandIn(configuration, heads)
        before = {key: value.clone() for key, value in model.state_dict().items()}
        whole = {key: value + 1 for key, value in before.items()}
        first = next(iter(whole))
        cases = {
            "not in the file": {key: value for key, value in whole.items() if key != first},
            "not in the model": {**whole, "readouts.7.bias": torch.zeros(2)},
            "has the shape": {**whole, "readouts.0.bias": torch.zeros(9)},
        }
        for text, tensors in cases.items():
            with self.subTest(text):
                header, data = {"__metadata__": {
                    "model_config_dict": json.dumps(configuration), "vcsh_heads": json.dumps(heads)}}, b""
                for key, value in tensors.items():
                    raw = value.detach().float().contiguous().numpy().tobytes()
                    header[key] = entry(list(value.shape), len(data), len(data) + len(raw))
                    data += raw
                with self.assertRaisesRegex(ValueError, text):
                    load_export(self.write(packed(header, data)), model)
                for key, value in model.state_dict().items():
                    self.assertTrue(torch.equal(value, before[key]), key)


if __name__ == "__main__":
    unittest.main()
