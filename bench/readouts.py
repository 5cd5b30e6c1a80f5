"""Times fits of readouts on cached features: vcsh against L-BFGS in PyTorch, and against a loop through the frozen core.

Both minimise the same loss (softplus rates, masked Poisson loss in nats per bin, a penalty on the squared feature weights) on
the same features, on the same cores, in turn. PyTorch's time is that of the first evaluation whose mean loss is within 1e-4
nats per bin of the better optimum of the two; vcsh's is that of the whole fit, which has to end within 1e-4 of it too.
PyTorch starts one pixel beside the places that made the counts; vcsh finds them. Times are by the clock, and of the processor on
all cores: where other programs run beside, only the second says something.
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
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from canonical import Canonical

ROOT = pathlib.Path(__file__).resolve().parent.parent
BENCH = ROOT / ".build" / "release" / "vcsh-bench"
CANONICAL = ROOT.parent / "shared" / "fixtures" / "canonical" / "model.ckpt"
ROWS, CHANNELS, SIDE, CELLS, L2, TURNS = 4000, 128, 14, 20, 0.001, 3
NEAR = 1e-4


def grid():
    axis = torch.arange(SIDE, dtype=torch.float32) - (SIDE - 1) / 2
    return torch.meshgrid(axis, axis, indexing="ij")


def masks(mean, std, theta):
    """Gaussian masks of all cells, `[cell, pixel]`, as SEMANTICS 13 has them."""
    y, x = grid()
    dy, dx = y - mean[:, 0, None, None], x - mean[:, 1, None, None]
    c, s = torch.cos(theta)[:, None, None], torch.sin(theta)[:, None, None]
    a, b = dy * c + dx * s, -dy * s + dx * c
    e = torch.exp(-0.5 * ((a / std[:, 0, None, None]) ** 2 + (b / std[:, 1, None, None]) ** 2))
    return (e / (e.sum((1, 2), keepdim=True) + 1e-8)).flatten(1)


def simulated():
    """Smooth features `[row, channel, height, width]`, counts of cells with known readouts, and the places of these."""
    rng = np.random.default_rng(5)
    noise = rng.standard_normal((ROWS * CHANNELS, 1, SIDE, SIDE), dtype=np.float32)
    kernel = torch.exp(-0.5 * (torch.arange(-3, 4) / 1.2) ** 2)
    kernel = kernel / kernel.sum()
    maps = torch.from_numpy(noise)
    with torch.no_grad():
        maps = F.conv2d(F.conv2d(maps, kernel.view(1, 1, 7, 1), padding=(3, 0)), kernel.view(1, 1, 1, 7), padding=(0, 3))
    features = (maps * 3).view(ROWS, CHANNELS, SIDE, SIDE).contiguous()
    mean = torch.from_numpy(rng.uniform(-4, 4, (CELLS, 2)).astype(np.float32))
    std = torch.from_numpy(rng.uniform(0.8, 1.8, (CELLS, 2)).astype(np.float32))
    weights = torch.from_numpy((rng.standard_normal((CELLS, CHANNELS)) * 0.35).astype(np.float32))
    with torch.no_grad():
        rates = F.softplus(outputs(features, weights, masks(mean, std, torch.zeros(CELLS))) - 1.5)
    counts = torch.from_numpy(rng.poisson(rates.numpy()).astype(np.float32))
    return features, counts, mean


def outputs(features, weights, mask):
    """`[row, cell]`: features summed under each cell's mask, then over channels."""
    pooled = features.flatten(2) @ mask.T
    return torch.einsum("tck,kc->tk", pooled, weights)


class Readouts:
    """Readouts of all cells in plain PyTorch."""

    def __init__(self, counts, places):
        generator = torch.Generator().manual_seed(1)
        rate = counts.mean(0)
        self.weights = (0.01 * torch.randn(CELLS, CHANNELS, generator=generator)).requires_grad_()
        self.bias = (rate + torch.log(-torch.expm1(-rate))).requires_grad_()
        self.mean = (places + 1.0).requires_grad_()
        self.log_std = torch.full((CELLS, 2), float(np.log(1.5))).requires_grad_()
        self.theta = torch.zeros(CELLS).requires_grad_()
        self.all = [self.weights, self.bias, self.mean, self.log_std, self.theta]

    def loss(self, features, counts):
        z = outputs(features, self.weights, masks(self.mean, self.log_std.exp(), self.theta)) + self.bias
        rate = F.softplus(z)
        return (rate - counts * torch.log(rate + 1e-8)).mean(0) + L2 * (self.weights**2).sum(1)


def lbfgs(features, counts, places):
    """One L-BFGS over all cells: seconds by the clock and of the processor, and mean losses, of its evaluations."""
    model = Readouts(counts, places)
    optimiser = torch.optim.LBFGS(model.all, max_iter=1500, max_eval=2000, history_size=20, tolerance_grad=1e-7,
                                  tolerance_change=1e-10, line_search_fn="strong_wolfe")
    curve, start, processor = [], time.perf_counter(), time.process_time()

    def closure():
        optimiser.zero_grad()
        losses = model.loss(features, counts)
        losses.sum().backward()
        curve.append((time.perf_counter() - start, time.process_time() - processor, float(losses.detach().mean())))
        return losses.sum()

    optimiser.step(closure)
    return curve


def adam(features, counts, places, limit, rate):
    """AdamW in batches of 64, as VisionCore's loop on the frozen core takes them: epochs until the mean loss is below `limit`."""
    torch.manual_seed(2)
    model = Readouts(counts, places)
    optimiser = torch.optim.AdamW(model.all, lr=rate, weight_decay=0)
    for epoch in range(1, 101):
        for rows in torch.randperm(ROWS).split(64):
            optimiser.zero_grad()
            model.loss(features[rows], counts[rows]).sum().backward()
            optimiser.step()
        with torch.no_grad():
            loss = float(model.loss(features, counts).mean())
        if loss < limit:
            return epoch, loss
    return None, loss


def forward_seconds():
    """Of one window through the canonical core in PyTorch, in batches of 8."""
    state = torch.load(CANONICAL, map_location="cpu", weights_only=False)["state_dict"]
    network = Canonical(state)
    stim = torch.from_numpy(np.load(CANONICAL.parent / "io.npz")["stim"])
    stim = torch.cat([stim] * (8 // len(stim)))
    times = []
    with torch.no_grad():
        for _ in range(4):
            start = time.perf_counter()
            network(stim)
            times.append((time.perf_counter() - start) / len(stim))
    return statistics.median(times)


def main():
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads; {CELLS} cells, {ROWS} rows of {CHANNELS} channels, {SIDE}x{SIDE}")
    features, counts, places = simulated()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "features.npz")
        np.savez(path, features=features.numpy(), counts=counts.numpy())
        server = subprocess.Popen([BENCH, "readouts", path, "1", str(L2)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ours, theirs = [], []
        for _ in range(TURNS):
            server.stdin.write("fit\n")
            server.stdin.flush()
            seconds, processor, loss, converged = server.stdout.readline().split()
            ours.append((float(seconds), float(processor), float(loss), int(converged)))
            theirs.append(lbfgs(features, counts, places))
        server.stdin.close()
    best = min(min(fit[2] for fit in ours), min(point[2] for curve in theirs for point in curve))
    ended = max(fit[2] for fit in ours)
    if ended > best + NEAR:
        sys.exit(f"vcsh ended {ended - best:.2g} nats/bin above the better optimum")
    reached = [next((point for point in curve if point[2] <= best + NEAR), None) for curve in theirs]
    mine = statistics.median(fit[0] for fit in ours)
    print(f"vcsh: {mine:.2f} s, loss {ended:.6f}, {ours[0][3]} of {CELLS} converged")
    lowest = min(curve[-1][2] for curve in theirs)
    for place, kind in enumerate(["by the clock", "of the processor"]):
        own = statistics.median(fit[place] for fit in ours)
        whole = statistics.median(curve[-1][place] for curve in theirs)
        print(f"{kind}: vcsh {own:.2f} s; L-BFGS to its own end (loss {lowest:.6f}) {whole:.2f} s, {whole / own:.1f} times vcsh's;", end=" ")
        if None in reached:
            print(f"it is not within {NEAR} of the better optimum then")
        else:
            near = statistics.median(point[place] for point in reached)
            print(f"to within {NEAR} of the better optimum {near:.2f} s, {near / own:.1f} times")
    if not CANONICAL.exists():
        return
    window = forward_seconds()
    for rate in [1e-3, 1e-2]:
        epochs, loss = adam(features, counts, places, best + NEAR, rate)
        count = epochs or 100
        whole = count * ROWS * window
        text = f"{epochs} epochs" if epochs else f"not there after 100 epochs (loss {loss:.4f}, best {best:.4f})"
        print(f"loop through the frozen core, AdamW at {rate}: {text}; its forward passes alone take {whole:.0f} s "
              f"({1000 * window:.0f} ms a window), {whole / mine:.0f} times vcsh's fit on cached features")


if __name__ == "__main__":
    main()
