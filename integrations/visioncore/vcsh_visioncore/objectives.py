"""What training minimises: the masked Poisson loss, with weights for the cells and a term for their correlation.

Shapes: outputs, counts and mask ``(N, cells)``; a mask ``(N, 1)`` holds for all cells.
"""

import torch
from torch import nn

SMALLEST_RATE = 1e-8
SMALLEST_LOG_RATE = -20.0
FEWEST_BINS = 3


def _mask(mask, counts):
    if mask is None:
        return torch.ones_like(counts)
    mask = mask.to(counts)
    return (mask[:, None] if mask.dim() == 1 else mask).expand_as(counts)


def mean_counts(counts, mask=None):
    """Masked mean count of each cell, NaN for a cell without a valid bin: ``(cells,)``."""
    valid = _mask(mask, counts)
    return (counts * valid).sum(0) / valid.sum(0)


def inverse_rate_weights(means, power=1.0):
    """Weights of cells that go with their mean count to the power of ``-power``; the mean weight is 1.

    A cell without a mean, or whose mean is 0, has the weight 0 and no part in that mean.
    """
    means = torch.as_tensor(means, dtype=torch.float64)
    known = torch.isfinite(means) & (means > 0)
    if not known.any():
        raise ValueError("no cell has a mean count above 0: there are no weights")
    weights = torch.where(known, means.clamp(min=1e-300) ** -power, torch.zeros_like(means))
    return (weights / weights[known].mean()).float()


def masked_poisson(outputs, counts, mask=None, weights=None, log_rate=False, clamp=True):
    """Mean over valid bins of ``weight (r - y ln(r + 1e-8))``, or of ``weight (exp(x) - y x)`` for log rates x.

    Args:
        weights: of cells, ``(cells,)``; None where all count alike.
        clamp: raise outputs to 1e-8 (log rates: -20), as VisionCore does in training.

    With a mask ``(N, 1)`` this is the mean over bins; VisionCore's own loss is then larger by the number of cells.
    """
    valid = _mask(mask, counts)
    if clamp:
        outputs = outputs.clamp(min=SMALLEST_LOG_RATE if log_rate else SMALLEST_RATE)
    term = outputs.exp() - counts * outputs if log_rate else outputs - counts * (outputs + 1e-8).log()
    weighted = valid if weights is None else valid * weights.to(valid)
    # Masked bins may hold anything.
    term = torch.where(weighted != 0, term, torch.zeros_like(term))
    return (term * weighted).sum() / valid.sum()


def batch_correlation(outputs, counts, mask=None, log_rate=False):
    """Mean over cells of 1 - r, r Pearson's correlation of rates and counts over the batch's valid bins.

    A cell whose counts or rates do not vary, or with fewer than three valid bins, has no part; without any cell it is 0.
    """
    rates = outputs.exp() if log_rate else outputs
    valid = (_mask(mask, counts) > 0).to(rates)
    bins = valid.sum(0)

    def deviation(values):
        values = torch.where(valid > 0, values, torch.zeros_like(values))
        return (values - values.sum(0) / bins.clamp(min=1)) * valid

    x, y = deviation(rates), deviation(counts.to(rates))
    xx, yy = x.square().sum(0), y.square().sum(0)
    known = (bins >= FEWEST_BINS) & (xx > 0) & (yy > 0)
    if not known.any():
        return outputs.sum() * 0
    r = (x * y).sum(0)[known] / (xx[known] * yy[known]).sqrt()
    return (1 - r).mean()


class Objective(nn.Module):
    """Masked Poisson loss with weights of cells and a term for the correlation.

    Args:
        rate_weight: weights of cells go with their mean rate to the power of minus this; at 0 all count alike.
        correlation: factor of the term 1 - r.
        log_rate: the model gives log rates (`output_activation: none`).

    Call it with ``outputs, counts, mask, means``; ``means`` are the mean counts of the cells over the training split of the
    batch's session (`mean_counts`), and only ``rate_weight`` needs them.
    """

    def __init__(self, rate_weight=0.0, correlation=0.0, log_rate=False, clamp=True):
        super().__init__()
        self.rate_weight, self.correlation = float(rate_weight), float(correlation)
        self.log_rate, self.clamp = log_rate, clamp

    def forward(self, outputs, counts, mask=None, means=None):
        weights = None
        if self.rate_weight:
            if means is None:
                raise ValueError("rate_weight: the mean counts of the session's cells are missing (mean_counts)")
            weights = inverse_rate_weights(means, self.rate_weight)
        loss = masked_poisson(outputs, counts, mask, weights, self.log_rate, self.clamp)
        if self.correlation:
            loss = loss + self.correlation * batch_correlation(outputs, counts, mask, self.log_rate)
        return loss
