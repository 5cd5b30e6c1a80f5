"""A gain and an offset for each cell behind the output activation."""

import torch
from torch import nn

LARGEST_LOG_GAIN = 30.0
SMALLEST_SHARE = 0.1
STANDARD_PULL = 1e-3
STATISTICS = 3


class OutputCalibration(nn.Module):
    """``rate' = max(s + offset, 0.1 s)`` with ``s = exp(log_gain) rate``: an offset takes at most nine tenths of a rate.

    With `stimuli`, each of these types has a row of its own; the first row is for all others. With `follow_stimulus`, a
    signal h that all cells share, a weighted sum of the window's mean, contrast and temporal frequency, moves both:
    ``exp(log_gain + gain_slope h)``, ``offset + offset_slope h``. All parameters of a cell are 0 at the identity.

    Args:
        cells: of the readout.
        options: `output_calibration` of the configuration: `stimuli`, `follow_stimulus`, `pull`.
    """

    def __init__(self, cells, options):
        super().__init__()
        self.stimuli = list(options.get("stimuli") or [])
        if len(set(self.stimuli)) != len(self.stimuli):
            raise ValueError("output_calibration.stimuli: a stimulus type stands there twice")
        self.follows_stimulus = bool(options.get("follow_stimulus"))
        self.log_gain = nn.Parameter(torch.zeros(1 + len(self.stimuli), cells))
        self.offset = nn.Parameter(torch.zeros(1 + len(self.stimuli), cells))
        if self.follows_stimulus:
            self.signal = nn.Parameter(torch.tensor([0.0, 1.0, 0.0]))
            self.gain_slope = nn.Parameter(torch.zeros(cells))
            self.offset_slope = nn.Parameter(torch.zeros(cells))

    def row(self, stimulus):
        """The row of a stimulus type; 0 for None, and for a type without one."""
        return self.stimuli.index(stimulus) + 1 if stimulus in self.stimuli else 0

    def forward(self, rates, stimulus=None, statistics=None):
        """Rates ``(N, cells)`` -> same; `stimulus` is a type, or one for each sample; `statistics` ``(N, 3)``."""
        names = [stimulus] * len(rates) if stimulus is None or isinstance(stimulus, str) else list(stimulus)
        if len(names) != len(rates):
            raise ValueError(f"{len(names)} stimulus types for {len(rates)} samples")
        rows = torch.tensor([self.row(name) for name in names], device=rates.device)
        log_gain, offset = self.log_gain[rows], self.offset[rows]
        if self.follows_stimulus:
            signal = (statistics @ self.signal)[:, None]
            log_gain = log_gain + signal * self.gain_slope
            offset = offset + signal * self.offset_slope
        scaled = log_gain.clamp(-LARGEST_LOG_GAIN, LARGEST_LOG_GAIN).exp() * rates
        return torch.maximum(scaled + offset, SMALLEST_SHARE * scaled).relu()

    def pull(self):
        """Sum of squares of what is 0 at the identity."""
        names = ("log_gain", "offset", "gain_slope", "offset_slope")
        return sum(getattr(self, name).square().sum() for name in names if hasattr(self, name))
