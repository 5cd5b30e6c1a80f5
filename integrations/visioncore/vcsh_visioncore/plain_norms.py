"""Norms of features alone: those that VisionCore lacks, and those that are parts of others.

All take features ``(N, C, T, H, W)``, time index 0 the newest frame, and give the same shape.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

TEMPORAL = ("temporal", "temporal_global_past", "temporal_global_index", "temporal_local_past", "temporal_local_index")
LOCAL = ("lrn", "lrn_channel", "lrn_spatial")


def per_channel(values):
    return values.reshape(1, -1, 1, 1, 1)


def _inverse_softplus(y):
    return math.log(math.expm1(y))


class LocalResponseNorm(nn.Module):
    """Each value over a power of the mean square of its neighbours.

    ``x / (k + alpha mean(x^2))^beta``, the mean over ``size`` channels (``lrn_channel``, as torch's ``local_response_norm``),
    or over ``size`` x ``size`` pixels (``lrn_spatial``), there with ``pool_channels`` over all channels too. What lies outside
    counts as 0.
    """

    def __init__(self, type_name, options):
        super().__init__()
        self.spatial = type_name == "lrn_spatial"
        self.size = options.size("size", 5)
        self.alpha = options.number("alpha", 1e-4, least=0)
        self.beta = options.number("beta", 0.75, least=0)
        self.k = options.number("k", 1, above=0)
        self.pool_channels = bool(options.take("pool_channels", False)) if self.spatial else False
        options.finish()

    def forward(self, x):
        squares = x.square()
        low, high = self.size // 2, (self.size - 1) // 2
        n, channels, frames, height, width = x.shape
        if self.spatial:
            if self.pool_channels:
                squares = squares.mean(1, keepdim=True)
            flat = squares.reshape(-1, 1, height, width)
            mean = F.avg_pool2d(F.pad(flat, (low, high, low, high)), self.size, stride=1)
            mean = mean.reshape(n, -1, frames, height, width)
        else:
            flat = squares.reshape(n, 1, channels, -1)
            mean = F.avg_pool2d(F.pad(flat, (0, 0, low, high)), (self.size, 1), stride=1).reshape(x.shape)
        return x / (self.k + self.alpha * mean) ** self.beta


class RMSNorm(nn.Module):
    """``x / sqrt(mean(x^2) + eps)`` over channels (or ``target_dim``), with a scale and shift of each channel."""

    def __init__(self, channels, options, names=("gamma", "beta")):
        super().__init__()
        self.eps = options.number("eps", 1e-5)
        self.axis = options.take("target_dim", 1, choices=(1, 2, 3, 4, -4, -3, -2, -1))
        affine = bool(options.take("affine", True))
        options.finish()
        self.names = names if affine else None
        if affine:
            self.register_parameter(names[0], nn.Parameter(torch.ones(channels)))
            self.register_parameter(names[1], nn.Parameter(torch.zeros(channels)))

    def forward(self, x):
        out = x / (x.square().mean(self.axis, keepdim=True) + self.eps).sqrt()
        if self.names is None:
            return out
        return out * per_channel(getattr(self, self.names[0])) + per_channel(getattr(self, self.names[1]))


class LayerNorm(nn.Module):
    """``(x - mean) / sqrt(mean(x^2) - mean^2 + eps)`` over channels (or ``target_dim``), without parameters."""

    def __init__(self, options):
        super().__init__()
        self.eps = options.number("eps", 1e-5)
        self.axis = options.take("target_dim", 1, choices=(1, 2, 3, 4, -4, -3, -2, -1))
        options.take("affine")
        options.finish()

    def forward(self, x):
        mean = x.mean(self.axis, keepdim=True)
        return (x - mean) / (x.square().mean(self.axis, keepdim=True) - mean.square() + self.eps).sqrt()


class GroupNorm(nn.Module):
    """torch's group norm; with one group a channel and no scale and shift, its instance norm."""

    def __init__(self, type_name, channels, options):
        super().__init__()
        instance = type_name == "instance"
        self.eps = options.number("eps", 1e-5)
        affine = bool(options.take("affine", not instance))
        groups = channels if instance else options.size("num_groups", 1)
        options.finish()
        self.groups = groups if channels % groups == 0 else 1
        self.names = (f"{type_name}_g", f"{type_name}_b") if affine else None
        if affine:
            self.register_parameter(self.names[0], nn.Parameter(torch.ones(channels)))
            self.register_parameter(self.names[1], nn.Parameter(torch.zeros(channels)))

    def forward(self, x):
        scale, shift = (getattr(self, name) for name in self.names) if self.names else (None, None)
        return F.group_norm(x, self.groups, scale, shift, self.eps)


class GlobalResponseNorm(nn.Module):
    """``gamma x n + beta + x``, n a channel's norm over time and space relative to the mean over channels."""

    def __init__(self, channels, options):
        super().__init__()
        self.eps = options.number("eps", 1e-5)
        options.finish()
        self.gamma = nn.Parameter(torch.full((1, channels, 1, 1, 1), 0.1))
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1, 1))

    def forward(self, x):
        norm = torch.linalg.vector_norm(x, dim=(2, 3, 4), keepdim=True)
        relative = norm / (norm.mean(1, keepdim=True) + self.eps)
        return per_channel(self.gamma) * (x * relative) + per_channel(self.beta) + x


class TemporalContextNorm(nn.Module):
    """Each value over the root of a running mean of squares, with a time constant for each channel.

    ``y = tg x / sqrt(softplus(q)^2 + s) + tb``, ``s = a s + (1 - a) x^2`` with ``a = exp(-1 / tau)`` and
    ``tau = softplus(rho) + tau_min`` frames. ``spatial: global`` takes the mean of squares over each frame; ``direction: past``
    runs from the oldest frame to the newest. The frame itself is included.
    """

    def __init__(self, type_name, channels, options):
        super().__init__()
        words = type_name.split("_")
        given = words[1:] if len(words) == 3 else (None, None)
        self.spatial = options.take("spatial", given[0] or "global", choices=("global", "local"))
        self.direction = options.take("direction", given[1] or "past", choices=("past", "index"))
        for own, word in zip((self.spatial, self.direction), given):
            if word is not None and own != word:
                raise ValueError(f"{options.place}: `{own}`, but the norm's type is `{type_name}`")
        self.tau_min = options.number("tau_min", 0.1, above=0)
        options.finish()
        self.rho = nn.Parameter(torch.full((channels,), _inverse_softplus(3 - 0.1)))
        self.q = nn.Parameter(torch.full((channels,), _inverse_softplus(1)))
        self.tg = nn.Parameter(torch.ones(channels))
        self.tb = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        squares = x.square()
        if self.spatial == "global":
            squares = squares.mean((3, 4), keepdim=True)
        keep = torch.exp(-1 / (F.softplus(self.rho) + self.tau_min)).reshape(1, -1, 1, 1)
        frames = squares.unbind(2)
        frames = frames[::-1] if self.direction == "past" else frames
        running = [frames[0]]
        for frame in frames[1:]:
            running.append(keep * running[-1] + (1 - keep) * frame)
        running = running[::-1] if self.direction == "past" else running
        floor = per_channel(F.softplus(self.q).square())
        return per_channel(self.tg) * x / (floor + torch.stack(running, dim=2)).sqrt() + per_channel(self.tb)


def plain_norm(kind, channels, options):
    """A norm of this file by its type.

    Raises:
        ValueError: for an unknown type or option, naming its place.
    """
    if kind in LOCAL:
        return LocalResponseNorm(kind, options)
    if kind in TEMPORAL:
        return TemporalContextNorm(kind, channels, options)
    if kind == "rms":
        return RMSNorm(channels, options, names=("rms_g", "rms_b"))
    if kind == "grn":
        return GlobalResponseNorm(channels, options)
    if kind == "layer":
        return LayerNorm(options)
    if kind in ("group", "instance"):
        return GroupNorm(kind, channels, options)
    raise ValueError(f"{options.place}: unknown norm `{kind}`")
