"""Penalties on the kernels of a temporal frontend as they act: window, weight norm and mask applied."""

import math
import re

import torch

EPS = 1e-8
_NUMBER = r"(\d+(?:\.\d+)?)"
_LOW = re.compile(rf"lowfreq_(raw|ratio)_fc{_NUMBER}(?:_n(\d+))?")
_RECENT = re.compile(r"recent_(pooled|perkernel)_N(\d+)")

KNOWN = (
    "lowfreq_ratio_fcHZ, lowfreq_raw_fcHZ (with _nSIZE: zero-padded), recent_pooled_NTAPS, recent_perkernel_NTAPS, "
    "derivative_soft")


def kernel_penalty(name, kernels, rate_hz):
    """A penalty by its name, for a weight of 1.

    Args:
        name: `lowfreq_ratio_fc15`, `lowfreq_raw_fc15_n64`, `recent_pooled_N2`, `recent_perkernel_N1`, `derivative_soft`.
        kernels: ``(kernel, tap)``, as of `effective_kernels`.
        rate_hz: taps a second.

    Raises:
        ValueError: for an unknown name, and for numbers that do not fit the kernels.
    """
    taps = kernels.shape[1]
    if name == "derivative_soft":
        return kernels.sum(1).square().sum()
    if found := _LOW.fullmatch(name):
        kind, cutoff, size = found[1], float(found[2]), int(found[3] or taps)
        if size < taps:
            raise ValueError(f"{name}: a transform of {size} taps is shorter than the kernel's {taps}")
        if not rate_hz or not math.isfinite(rate_hz) or cutoff <= 0:
            raise ValueError(f"{name}: needs a cut-off above 0 and the number of taps a second (sampling_rate)")
        spectrum = torch.fft.rfft(kernels, n=size, dim=1)
        power = spectrum.real.square() + spectrum.imag.square()
        low = sum(1 for bin in range(size // 2 + 1) if bin * rate_hz / size < cutoff)
        below = power[:, :low].sum(1)
        return below.sum() if kind == "raw" else (below / (power.sum(1) + EPS)).sum()
    if found := _RECENT.fullmatch(name):
        kind, count = found[1], int(found[2])
        if not 1 <= count <= taps:
            raise ValueError(f"{name}: {count} taps of a kernel that has {taps}")
        squares = kernels.square()
        recent, whole = squares[:, :count].sum(1), squares.sum(1)
        return recent.sum() / (whole.sum() + EPS) if kind == "pooled" else (recent / (whole + EPS)).sum()
    raise ValueError(f"there is no penalty `{name}`; known: {KNOWN}")


def read_terms(text):
    """Penalties with their weights as people write them: ``"lowfreq_ratio_fc15=0.05,recent_pooled_N1=0.1"`` -> a dict."""
    terms = {}
    for term in filter(None, (part.strip() for part in text.split(","))):
        name, _, weight = term.partition("=")
        try:
            value = float(weight)
        except ValueError:
            raise ValueError(f"`{term}` is not a penalty with its weight: write lowfreq_ratio_fc15=0.05") from None
        if not math.isfinite(value) or value <= 0:
            raise ValueError(f"the weight of `{name}` must be a number above 0, not {weight}")
        if name in terms:
            raise ValueError(f"`{name}` is given twice")
        terms[name] = value
    return terms
