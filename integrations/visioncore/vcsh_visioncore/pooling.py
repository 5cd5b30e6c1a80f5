"""A weighted mean over time after the frontend."""

import math

import torch
from torch import nn
from torch.nn import functional as F

SMALLEST_TAU = 0.1
START_TAU = 0.5


class TemporalPooling(nn.Module):
    """A mean over a frame of features and the ``frames - 1`` older ones after it, without padding.

    `mean` weighs all alike; `exponential` by ``exp(-j / tau)``, ``tau = softplus(rho) + 0.1`` frames, learned for each channel.

    Shapes: ``(N, C, T, H, W)`` -> ``(N, C, T - frames + 1, H, W)``.
    """

    def __init__(self, channels, frames, kind="mean"):
        super().__init__()
        if kind not in ("mean", "exponential"):
            raise ValueError(f"frontend.params.temporal_pool_type: unknown `{kind}`; known: mean, exponential")
        self.frames = int(frames)
        if kind == "exponential":
            self.rho = nn.Parameter(torch.full((channels,), math.log(math.expm1(START_TAU - SMALLEST_TAU))))
        else:
            self.rho = None

    def weights(self):
        """``(C or 1, frames)``; each row sums to 1."""
        if self.rho is None:
            return torch.full((1, self.frames), 1 / self.frames)
        steps = torch.arange(self.frames, device=self.rho.device)
        return (-steps / (F.softplus(self.rho) + SMALLEST_TAU)[:, None]).softmax(1)

    def forward(self, x):
        count = x.shape[2] - self.frames + 1
        if count < 1:
            raise ValueError(f"temporal_pool: a mean over {self.frames} frames does not fit {x.shape[2]} time steps")
        out = 0
        for step, weight in enumerate(self.weights().to(x).unbind(1)):
            out = out + weight.view(1, -1, 1, 1, 1) * x[:, :, step:step + count]
        return out
