"""What a model's parts must know about the stimulus window that it sees now."""

import torch
from torch import nn

EPS = 1e-5


def window_statistics(window):
    """Mean, contrast and temporal frequency of each stimulus window.

    Args:
        window: ``(N, C, T, H, W)``, time index 0 the newest frame.

    Returns:
        ``(N, 3)``: mean; ``sqrt(variance + 1e-5)`` (biased variance); mean over adjacent frames of the squared difference
        over ``2 variance + 1e-5``, which is 0 for a still window and about 1 for white noise.
    """
    axes = (1, 2, 3, 4)
    mean = window.mean(axes)
    variance = (window - mean.view(-1, 1, 1, 1, 1)).square().mean(axes)
    if window.shape[2] > 1:
        change = (window[:, :, :-1] - window[:, :, 1:]).square().mean(axes)
    else:
        change = torch.zeros_like(mean)
    return torch.stack([mean, (variance + EPS).sqrt(), change / (2 * variance + EPS)], dim=1)


class StimulusWindow(nn.Module):
    """The lag mask, and the statistics of the window that the model sees in this call.

    One of these is shared by all parts of a model. It has no parameters.

    Args:
        lag_mask: number of newest frames that are shown grey (0) in place of the stimulus.
        keeps_statistics: whether a part of the model reads them.
    """

    NAMES = ("stimulus", "stim", "x", "input", "inputs")

    def __init__(self, lag_mask=0, keeps_statistics=False):
        super().__init__()
        self.lag_mask = int(lag_mask)
        self.keeps_statistics = bool(keeps_statistics)
        self._now = None

    @property
    def statistics(self):
        """``(N, 3)``, of the call of the model that runs now."""
        if self._now is None:
            raise RuntimeError("a part reads the statistics of the stimulus, but its model is not being called")
        return self._now

    def masked(self, window):
        """The window with its newest frames grey: ``(N, C, T, H, W)`` -> same."""
        if self.lag_mask == 0:
            return window
        frames = window.shape[2]
        if self.lag_mask >= frames:
            raise ValueError(
                f"frontend.params.lag_mask: {self.lag_mask} leaves none of the window's {frames} frames; "
                f"the largest mask is {frames - 1}")
        grey = torch.zeros_like(window[:, :, :self.lag_mask])
        return torch.cat([grey, window[:, :, self.lag_mask:]], dim=2)

    def before(self, model, args, kwargs):
        """A forward pre-hook of the model: masks its first input, and keeps its statistics."""
        name = None if args else next((name for name in self.NAMES if name in kwargs), None)
        window = args[0] if args else kwargs.get(name)
        self._now = None
        if not torch.is_tensor(window) or window.dim() != 5:
            if (self.lag_mask or self.keeps_statistics) and window is not None:
                raise ValueError("the model's first input must be stimulus windows (N, C, T, H, W)")
            return None
        window = self.masked(window)
        if self.keeps_statistics:
            self._now = window_statistics(window)
        if args:
            return (window, *args[1:]), kwargs
        return args, {**kwargs, name: window}

    def after(self, model, args, kwargs, output):
        """A forward hook of the model, called after all others: forgets the window."""
        self._now = None
