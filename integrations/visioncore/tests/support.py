"""What the tests of the parts share: zoo twins, the program vcsh in a workspace, comparisons."""

import os
import subprocess
import sys

import numpy as np
import torch
import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.dirname(HERE)
ROOT = os.path.dirname(os.path.dirname(PACKAGE))
ZOO = os.path.join(ROOT, "Tests", "Fixtures", "zoo")
VCSH = os.environ.get("VCSH") or "vcsh"
sys.path[:0] = [HERE, PACKAGE]

torch.set_num_threads(1)

#: Of the largest value where that is above 1, else as it is.
TOLERANCE = 1e-5


def zoo(name, file):
    return os.path.join(ZOO, name, file)


def read_yaml(path):
    with open(path) as file:
        return yaml.safe_load(file)


class Workspace:
    """The program that VCSH names, in a workspace at a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.path = os.path.join(folder, "ws")
        self._call("init", self.path)

    def _call(self, *words):
        done = subprocess.run([VCSH, *words], capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise AssertionError(f"vcsh {' '.join(words)}\n{done.stdout}{done.stderr}")
        return done.stdout

    def run(self, *lines):
        return self._call("-w", self.path, "-c", "; ".join(lines))

    def file(self, name):
        return os.path.join(self.folder, name)


def arrays(path):
    with np.load(path, allow_pickle=False) as file:
        return {name: torch.from_numpy(np.array(file[name])) for name in file.files}


def largest_difference(own, other, scale=None):
    """Largest difference relative to the largest value of the other (to 1 where that is smaller)."""
    own, other = own.detach().double().reshape(-1), other.detach().double().reshape(-1)
    if own.shape != other.shape:
        raise AssertionError(f"{tuple(own.shape)} and {tuple(other.shape)}")
    reference = max(1.0, float(other.abs().max()) if other.numel() else 0.0)
    return float((own - other).abs().max()) / reference if own.numel() else 0.0


def scatter(model, seed, size=0.3):
    """Moves every parameter that starts as an identity, so that no part is without effect."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += size * torch.randn(parameter.shape, generator=generator)
