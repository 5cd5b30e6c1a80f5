"""Holds `mei` against plain gradient ascent in PyTorch: activations after the same number of steps, cell by cell.

PyTorch starts at the same natural window, goes along the gradient by a fixed share of the limit's norm, and is brought back to the
limit of contrast and to the range of pixels; the best of three lengths of a step counts. `mei` climbs in four ways, of which
the best counts too.

mei.py [cells] [steps], at the project's root, after `make build`.
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from canonical import Canonical

ROOT = pathlib.Path(__file__).resolve().parent.parent
VCSH = ROOT / ".build" / "release" / "vcsh"
FOLDER = ROOT.parent / "shared" / "fixtures" / "twin"
SESSIONS = [("Sim_2025-01-17", 1), ("Sim_2025-01-10", 0)]
LOW, HIGH = -127 / 255, 128 / 255


def climb(twin, head, cell, start, steps, share):
    """The largest activation on the way, and the last."""
    radius = float(np.linalg.norm(start))
    x = torch.from_numpy(start)[None]
    best = 0.0
    for _ in range(steps):
        x = x.detach().requires_grad_()
        rate = twin.rates(x, head)[0, cell]
        best = max(best, float(rate))
        (gradient,) = torch.autograd.grad(rate, x)
        with torch.no_grad():
            x = x + share * radius * gradient / (gradient.norm() + 1e-30)
            x = (x * min(1.0, radius / float(x.norm()))).clamp(LOW, HIGH)
    return max(best, float(twin.rates(x, head)[0, cell]))


def main():
    cells = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    state = torch.load(FOLDER / "twin.ckpt", map_location="cpu", weights_only=False)["state_dict"]
    twin = Canonical(state, grid=21)
    asked = [(s, h, c) for s, h in SESSIONS for c in range(16)][:cells]
    won = 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([VCSH, "init", folder + "/w"], check=True, capture_output=True)
        for session, head, cell in asked:
            commands = (
                f'open {FOLDER}/twin.ckpt as twin --replace\nopen {FOLDER}/{session} as sim --replace\n'
                f'mei twin {cell} on sim/gaborium --steps {steps} --starts 1 --save {folder}/mei.npz')
            done = subprocess.run([VCSH, "-w", folder + "/w", "-c", commands], capture_output=True, text=True)
            if done.returncode:
                sys.exit(done.stderr)
            ours = np.load(folder + "/mei.npz")
            theirs = max(climb(twin, head, cell, ours["natural"], steps, share) for share in (0.03, 0.1, 0.3))
            rate = float(ours["natural_activation"]) / float(twin.rates(torch.from_numpy(ours["natural"])[None], head)[0, cell])
            a, b = float(ours["activations"].max()), theirs * rate
            won += a >= b
            print(f"{session} cell {cell:>2}: natural {float(ours['natural_activation']):>7.1f} Hz, PyTorch {b:>7.1f}, vcsh {a:>7.1f}", flush=True)
    print(f"vcsh reaches at least PyTorch's activation for {won} of {len(asked)} cells")


main()
