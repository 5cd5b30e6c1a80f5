"""Times vcsh against PyTorch, turn by turn on the same cores, and prints medians and ratios.

`compare.py sta` prints the rows of receptive fields alone.

Every row: what is measured, PyTorch's median, vcsh's median, and PyTorch / vcsh (above 1: vcsh is faster).
"""
import os
import pathlib
import pty
import select
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
BUILD = ROOT / ".build" / "release"
CANONICAL = ROOT.parent / "shared" / "fixtures" / "canonical"
CELLS, BINS, WINDOWS, FRAMES = 100, 100_000, 8, 64
SHOWN, SIDE, FIELDS, LAGS = 10_000, 41, 50, 18


def predictions(folder):
    """Simulated cells: gamma-distributed rates, Poisson counts, a gain and an offset per cell, some masked bins."""
    rng = np.random.default_rng(7)
    mean = rng.uniform(0.02, 0.25, CELLS)
    rhat = (rng.gamma(2.0, 1.0, (BINS, CELLS)) * mean / 2 + 1e-3).astype(np.float32)
    gain, offset = rng.uniform(0.3, 2.0, CELLS), rng.uniform(0.0, 0.05, CELLS)
    robs = rng.poisson(rhat * gain + offset).astype(np.float32)
    dfs = (rng.random((BINS, CELLS)) > 0.1).astype(np.float32)
    path = os.path.join(folder, "predictions.npz")
    np.savez(path, rhat=rhat, robs=robs, dfs=dfs)
    return path, torch.from_numpy(rhat), torch.from_numpy(robs), torch.from_numpy(dfs)


def torch_calibrate(rhat, robs, dfs):
    """L-BFGS (strong Wolfe, 200 iterations) on the same likelihood, started at half gain and half offset."""
    n = dfs.sum(0)
    mean = (robs * dfs).sum(0) / n
    ratio = mean / ((rhat * dfs).sum(0) / n)
    g = torch.log(ratio / 2).requires_grad_()
    b = torch.log(mean / 2).requires_grad_()
    optimiser = torch.optim.LBFGS([g, b], max_iter=200, tolerance_grad=1e-9, tolerance_change=1e-9, line_search_fn="strong_wolfe")

    def closure():
        optimiser.zero_grad()
        r = (g.exp() * rhat + b.exp()).clamp(min=1e-12)
        loss = (((r - robs * r.log()) * dfs).sum(0) / n).mean()
        loss.backward()
        return loss

    optimiser.step(closure)
    return float(closure().detach())


@torch.no_grad()
def torch_bits(rhat, robs, dfs):
    t, n = dfs.sum(0).clamp(min=1), (dfs * robs).sum(0).clamp(min=1)
    m = n / t
    model = robs * torch.log(rhat + 1e-8) - rhat
    null = robs * torch.log(m + 1e-8) - m
    return float((((model - null) * dfs).sum(0) / n / np.log(2)).mean())


def shown(folder):
    """Simulated frames, counts, rates and masks of single cells, for spike-triggered averages."""
    rng = np.random.default_rng(11)
    stim = rng.uniform(-0.5, 0.5, (SHOWN, SIDE, SIDE)).astype(np.float32)
    rhat = (rng.gamma(2.0, 0.05, (SHOWN, FIELDS)) + 1e-3).astype(np.float32)
    robs = rng.poisson(rhat).astype(np.float32)
    dfs = (rng.random((SHOWN, FIELDS)) > 0.1).astype(np.float32)
    dfs[: LAGS - 1] = 0
    path = os.path.join(folder, "fields.npz")
    np.savez(path, stim=stim, robs=robs, rhat=rhat, dfs=dfs)
    return path, *(torch.from_numpy(x) for x in (stim, robs, rhat, dfs))


def field_size(sums, robs, rhat, dfs):
    """Sum of the sizes of all averages."""
    norms = (robs * dfs).sum(0), (rhat * dfs).sum(0)
    return sum(float((part.abs() / norms[k % 2]).double().sum()) for lag in sums for k, part in enumerate(lag))


@torch.no_grad()
def torch_fields(stim, robs, rhat, dfs):
    """VisionCore's loop: frames are gathered, and four sums made, at every lag."""
    index = torch.arange(LAGS - 1, SHOWN)
    robs, rhat, dfs = robs[index], rhat[index], dfs[index]
    sums = []
    for lag in range(LAGS):
        x = stim[index - lag]
        sums.append((
            torch.einsum("thw, tc->hwc", x, robs * dfs), torch.einsum("thw, tc->hwc", x, rhat * dfs),
            torch.einsum("thw, tc->hwc", x.pow(2), robs * dfs), torch.einsum("thw, tc->hwc", x.pow(2), rhat * dfs)))
    return sums


@torch.no_grad()
def torch_einsums(stim, robs, rhat, dfs):
    """The four sums alone: frames are views, squares and weights made once."""
    square, y, r = stim.pow(2), (robs * dfs)[LAGS - 1 :], (rhat * dfs)[LAGS - 1 :]
    sums = []
    for lag in range(LAGS):
        rows = slice(LAGS - 1 - lag, SHOWN - lag)
        sums.append(tuple(torch.einsum("thw, tc->hwc", x[rows], w) for x in (stim, square) for w in (y, r)))
    return sums


def torch_consecutive(network, frames, lags):
    """Windows of consecutive frames in batches of 8, time index 0 the newest; the sum of all rates."""
    frames, total = torch.from_numpy(frames), 0.0
    newest = range(lags - 1, len(frames))
    for start in range(0, len(newest), 8):
        batch = [frames[t - lags + 1 : t + 1].flip(0).transpose(0, 1) for t in newest[start : start + 8]]
        total += float(network(torch.stack(batch)).double().sum())
    return total


class Server:
    """vcsh-bench: one line in, seconds and a checked number out."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [str(BUILD / "vcsh-bench"), *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, work):
        self.process.stdin.write(work + "\n")
        self.process.stdin.flush()
        seconds, number = self.process.stdout.readline().split()
        return float(seconds), float(number)


def timed(work):
    start = time.perf_counter()
    value = work()
    return time.perf_counter() - start, value


def in_turn(name, ours, theirs, runs, tolerance=None, agreement=None):
    """Runs both in turn; the first turn warms up. `ours` and `theirs` answer (seconds, number).

    With `tolerance` ours may not be larger by more; with `agreement` they may not differ by more (relative).
    """
    a, b = [], []
    for turn in range(runs + 1):
        (x, u), (y, v) = theirs(), ours()
        if turn:
            a.append(x)
            b.append(y)
        if tolerance is not None and not v <= u + tolerance * max(1, abs(u)):
            sys.exit(f"{name}: vcsh's {v} is worse than PyTorch's {u}")
        if agreement is not None and not abs(v - u) <= agreement * abs(u):
            sys.exit(f"{name}: vcsh's {v} is not PyTorch's {u}")
    x, y = statistics.median(a), statistics.median(b)
    print(f"{name:<58}{x * 1e3:>11.1f} ms{y * 1e3:>11.2f} ms{x / y:>9.1f}x", flush=True)


def process(*command):
    return lambda: (timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))[0], 0.0)


def prompt(workspace):
    """Seconds until the prompt stands on a terminal."""
    def work():
        terminal, inner = pty.openpty()
        start = time.perf_counter()
        # Spawned, not forked: this process is large, and copying it would be counted as vcsh's time.
        child = subprocess.Popen(
            [BUILD / "vcsh", "-w", workspace], stdin=inner, stdout=inner, stderr=inner, start_new_session=True)
        os.close(inner)
        seen = b""
        while b"vcsh" not in seen and select.select([terminal], [], [], 10)[0]:
            seen += os.read(terminal, 4096)
        seconds = time.perf_counter() - start
        os.write(terminal, b"exit\r")
        try:
            while os.read(terminal, 4096):
                pass
        except OSError:
            pass
        child.wait()
        os.close(terminal)
        return seconds, 0.0

    return work


def main():
    only_fields = sys.argv[1:] == ["sta"]
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    has_canonical = (CANONICAL / "model.ckpt").exists()
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads; medians of interleaved runs")
    print(f"{'':<58}{'PyTorch':>14}{'vcsh':>14}{'ratio':>10}")
    with tempfile.TemporaryDirectory() as folder:
        path, rhat, robs, dfs = predictions(folder)
        model, windows = "-", "-"
        if has_canonical:
            model, windows = CANONICAL / "model.ckpt", os.path.join(folder, "windows.npz")
            stim = np.load(CANONICAL / "io.npz")["stim"]
            stim = np.concatenate([np.roll(stim, k, 3) for k in range(WINDOWS // len(stim))])
            frames = np.random.default_rng(3).uniform(-0.5, 0.5, (FRAMES + stim.shape[2] - 1, 1, *stim.shape[3:])).astype(np.float32)
            np.savez(windows, stim=stim, frames=frames)
        fields, *arrays = shown(folder)
        vcsh = Server(model, windows, path, fields)
        if not only_fields:
            in_turn(f"calibrate {CELLS} cells x {BINS} bins (L-BFGS from half and half)", lambda: vcsh("calibrate"),
                    lambda: timed(lambda: torch_calibrate(rhat, robs, dfs)), 5, 1e-6)
            in_turn(f"bits/spike of {CELLS} cells x {BINS} bins", lambda: vcsh("bits"), lambda: timed(lambda: torch_bits(rhat, robs, dfs)), 9)
        for name, theirs, ours in [
            ("VisionCore's loop", torch_fields, "sta"), ("the einsums alone", torch_einsums, "sta"),
            ("the einsums alone, ours with z-scores' means", torch_einsums, "sta-plain"),
        ]:
            def torch_turn():
                seconds, sums = timed(lambda: theirs(*arrays))
                return seconds, field_size(sums, *arrays[1:])
            in_turn(f"STA and STE, {LAGS} lags, {FIELDS} cells; {name}", lambda: vcsh(ours), torch_turn, 5, agreement=1e-4)
        if only_fields:
            return
        if not has_canonical:
            print("the canonical checkpoint is not here: its rows are left out")
            return
        state = torch.load(model, map_location="cpu", weights_only=False)["state_dict"]
        network, stim = Canonical(state), torch.from_numpy(stim)
        in_turn(f"canonical forward, {WINDOWS} independent windows", lambda: vcsh("forward"),
                lambda: timed(lambda: float(network(stim)[0, 0])), 9)
        in_turn(f"canonical forward, {FRAMES} consecutive frames", lambda: vcsh("consecutive"),
                lambda: timed(lambda: torch_consecutive(network, frames, stim.shape[2])), 5, agreement=1e-4)
        workspace = os.path.join(folder, "ws")
        subprocess.run([BUILD / "vcsh", "init", workspace], check=True, stderr=subprocess.DEVNULL)
        opening = f"open {model} as canon --config {CANONICAL / 'datasets.yaml'}"
        subprocess.run([BUILD / "vcsh", "-w", workspace, "-c", opening], check=True, stdout=subprocess.DEVNULL)
        load = f"import torch; torch.load({str(model)!r}, map_location='cpu', weights_only=False)"
        torch_start = process(sys.executable, "-c", load)
        in_turn("start to prompt; import torch and load", prompt(workspace), torch_start, 9)
        in_turn("show the canonical twin; import torch and load", process(BUILD / "vcsh", "-w", workspace, "-c", "show canon"), torch_start, 9)


if __name__ == "__main__":
    main()
