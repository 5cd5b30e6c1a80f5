"""Times training steps of vcsh against PyTorch, turn by turn on the same cores, and prints medians and ratios.

A step is what VisionCore's trainer does for a batch: forward, masked Poisson loss, backward, clipping, AdamW in its four groups.
Times are wall time, and core time (user and system) in brackets, which other programs on the machine disturb less. vcsh's turn
begins when PyTorch's threads have come to rest.
"""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from canonical import Canonical

ROOT = pathlib.Path(__file__).resolve().parent.parent
BENCH = ROOT / ".build" / "release" / "vcsh-bench"
SHARED = ROOT.parent / "shared" / "fixtures"
LAGS = {"canonical": 25, "twin": 18}
SIZES = {"canonical": 51, "twin": 25}
GRIDS = {"canonical": 51, "twin": 21}


class Steps:
    """A twin in PyTorch with its optimiser."""

    def __init__(self, checkpoint, grid, frozen_core=False):
        state = torch.load(checkpoint, map_location="cpu", weights_only=False)["state_dict"]
        self.twin = Canonical(state, grid=grid)
        core = lambda name: any(part in name for part in ("frontend", "convnet", "modulator"))
        names = self.twin.trainable(0)
        if frozen_core:
            names = [name for name in names if name.startswith("readouts")]
        self.parameters = [self.twin.s[name].requires_grad_() for name in names]
        self.frozen_core = frozen_core
        groups = {}
        for name, parameter in zip(names, self.parameters):
            decays = name.endswith(".weight") and parameter.ndim > 1
            groups.setdefault((not core(name), not decays), []).append(parameter)
        self.optimiser = torch.optim.AdamW(
            [{"params": groups[key], "lr": 1e-4, "weight_decay": 0 if key[1] else 1e-5} for key in sorted(groups)])

    def __call__(self, stim, counts):
        self.optimiser.zero_grad()
        if self.frozen_core:
            with torch.no_grad():
                features = self.twin.core(stim, 0)
            rates = torch.nn.functional.softplus(self.twin.readout(features, 0))
        else:
            rates = self.twin.rates(stim, 0)
        rates = rates.clamp(min=1e-8)
        loss = (rates - counts * torch.log(rates + 1e-8)).sum() / counts.numel()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimiser.step()
        return float(loss.detach())


def batch(folder, twin, windows, consecutive=False, seed=3):
    """Random frames and counts, as a file for vcsh and as tensors."""
    rng = np.random.default_rng(seed)
    cells = {"canonical": 40, "twin": 24}[twin]
    size, lags = SIZES[twin], LAGS[twin]
    counts = rng.poisson(0.15, (windows, cells)).astype(np.float32)
    count = windows + lags - 1 if consecutive else windows * lags
    frames = rng.uniform(-0.5, 0.5, (count, 1, size, size)).astype(np.float32)
    newest = [lags - 1 + k for k in range(windows)] if consecutive else [lags * (k + 1) - 1 for k in range(windows)]
    steps = np.array([[n - lag for lag in range(lags)] for n in newest])
    stim = frames[steps].transpose(0, 2, 1, 3, 4).copy()
    path = os.path.join(folder, f"{twin}-{windows}-{consecutive}-{seed}.npz")
    np.savez(path, **({"frames": frames, "steps": steps.astype(np.float32)} if consecutive else {"stim": stim}), counts=counts)
    return path, torch.from_numpy(stim), torch.from_numpy(counts)


def cores():
    times = os.times()
    return times.user + times.system


class Server:
    """vcsh-bench train: a line for every step; answers with seconds, core seconds and the loss before the step."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [str(BENCH), "train", *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, work="step"):
        self.process.stdin.write(work + "\n")
        self.process.stdin.flush()
        return tuple(map(float, self.process.stdout.readline().split()))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def timed(work):
    start, used = time.perf_counter(), cores()
    value = work()
    return time.perf_counter() - start, cores() - used, value


def rested(work):
    """After PyTorch's turn its threads go on spinning for some milliseconds, on the cores that vcsh is to be timed on."""
    time.sleep(0.05)
    return work()


def row(name, theirs, ours):
    a, b = (statistics.median(x[0] for x in rows) for rows in (theirs, ours))
    c, d = (statistics.median(x[1] for x in rows) for rows in (theirs, ours))
    print(f"{name:<52}{a * 1e3:>9.1f} ({c * 1e3:>8.1f}) ms{b * 1e3:>9.1f} ({d * 1e3:>8.1f}) ms{b / a:>8.2f} ({d / c:.2f})", flush=True)


def steps(folder, name, twin, checkpoint, windows, consecutive, runs, in_row=1):
    """Turns of `in_row` steps: a training takes its steps in a row, and a short one is slower after the other's turn."""
    path, stim, counts = batch(folder, twin, windows, consecutive)
    torch_steps, vcsh = Steps(checkpoint, GRIDS[twin]), Server(checkpoint, path)
    theirs, ours = [], []
    for turn in range(runs + 1):
        xs = [timed(lambda: torch_steps(stim, counts)) for _ in range(in_row)]
        ys = [rested(vcsh)] + [vcsh() for _ in range(in_row - 1)]
        for x, y in zip(xs, ys):
            if abs(x[2] - y[2]) > 1e-3 * abs(x[2]):
                sys.exit(f"{name}: step {turn}: vcsh's loss {y[2]} is not PyTorch's {x[2]}")
        if turn:
            theirs += xs
            ours += ys
    vcsh.close()
    row(name, theirs, ours)


def readouts(folder, name, twin, checkpoint, windows, batches, runs):
    """Epochs of readouts alone: PyTorch computes the frozen core in every step, vcsh once."""
    made = [batch(folder, twin, windows, seed=10 + k) for k in range(batches)]
    torch_steps, vcsh = Steps(checkpoint, GRIDS[twin], frozen_core=True), Server(checkpoint, *(m[0] for m in made), "--readouts")
    theirs, ours = [], []
    for turn in range(runs + 1):
        x, y = timed(lambda: sum(torch_steps(m[1], m[2]) for m in made)), rested(lambda: vcsh("epoch"))
        if abs(x[2] - y[2]) > 1e-3 * abs(x[2]):
            sys.exit(f"{name}: epoch {turn}: vcsh's loss {y[2]} is not PyTorch's {x[2]}")
        if turn:
            theirs.append(x)
            ours.append(y)
    vcsh.close()
    row(name, theirs, ours)


def peak(*command, lines=""):
    """Largest resident memory of a program, in MB: the kernel's high-water mark, last read before the program ends.

    What `wait4` tells is no less than this process had when it started the program.
    """
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    process.stdin.write(lines)
    process.stdin.close()
    most = 0
    while process.poll() is None:
        try:
            for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    most = int(line.split()[1])
        except OSError:
            pass
        time.sleep(0.01)
    if process.returncode:
        sys.exit(f"{command[0]} failed")
    return most / 1024


def memory(folder, twin, checkpoint, windows):
    path, *_ = batch(folder, twin, windows)
    theirs = peak(sys.executable, __file__, "one-step", twin, str(checkpoint), path)
    ours = peak(str(BENCH), "train", str(checkpoint), path, lines="step\nstep\n")
    idle = peak(sys.executable, "-c", "import torch, numpy")
    print(f"peak memory of two {twin} steps at batch {windows}: PyTorch {theirs:.0f} MB (import alone {idle:.0f}), vcsh {ours:.0f} MB")


def one_step(twin, checkpoint, path):
    archive = np.load(path)
    steps = Steps(checkpoint, GRIDS[twin])
    for _ in range(2):
        steps(torch.from_numpy(archive["stim"]), torch.from_numpy(archive["counts"]))


def main():
    torch.set_num_threads(int(os.environ.get("TORCH_THREADS", len(os.sched_getaffinity(0)))))
    if sys.argv[1:2] == ["one-step"]:
        return one_step(*sys.argv[2:])
    only = sys.argv[1:]
    canonical, small = SHARED / "canonical" / "model.ckpt", SHARED / "twin" / "twin.ckpt"
    if not canonical.exists():
        print("the canonical checkpoint is not here: training is left out")
        return
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads; medians of interleaved runs, wall (core) time")
    print(f"{'':<52}{'PyTorch':>22}{'vcsh':>24}{'vcsh / PyTorch':>18}")
    rows = {
        "windows": lambda f: steps(f, "canonical step, 8 independent windows", "canonical", canonical, 8, False, 5),
        "consecutive": lambda f: steps(f, "canonical step, 32 consecutive frames", "canonical", canonical, 32, True, 3),
        "small": lambda f: steps(f, "small twin's step, 32 windows", "twin", small, 32, False, 15, in_row=6),
        "readouts": lambda f: readouts(f, "readouts alone, canonical, epoch of 4 x 8 windows", "canonical", canonical, 8, 4, 3),
        "readouts-small": lambda f: readouts(f, "readouts alone, small twin, epoch of 8 x 32 windows", "twin", small, 32, 8, 7),
        "memory": lambda f: memory(f, "canonical", canonical, 16),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, measure in rows.items():
            if not only or name in only:
                measure(folder)


if __name__ == "__main__":
    main()
