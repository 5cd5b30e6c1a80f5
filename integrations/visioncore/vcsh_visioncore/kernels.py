"""What the kernels of a frontend of learned temporal filters may do: masks, sums that are 0, delays.

All of it acts on the effective kernel, after weight norm and window, in the forward pass. A tap is not a lag: output step t
of the frontend reads lags from t on.
"""

import torch
from torch import nn
from torch.nn.utils import parametrize

SMALLEST_WINDOW = 5


def time_window(params, taps):
    """The window over a kernel's taps that VisionCore's `aa_signal` asks for; ones where it asks for none: ``(taps,)``."""
    if not params.get("aa_signal") or taps < SMALLEST_WINDOW:
        return torch.ones(taps)
    options = dict(params.get("aa_window_kwargs") or {})
    power = float(options.pop("power", 1))
    make = getattr(torch.signal.windows, params.get("aa_window") or "hann", None)
    if make is None:
        raise ValueError(f"frontend.params.aa_window: torch has no window `{params.get('aa_window')}`")
    values = make(taps, **{"sym": True, **options}, dtype=torch.float64)
    values = values if power == 1 else values.abs() ** power
    return (values / values.max().clamp(min=1e-12)).float()


def delayed(kernels, delays):
    """Kernels delayed by a number of taps that need not be whole, towards older frames where it is positive.

    Between taps a kernel is a straight line, beyond its ends 0: ``K'[j] = (1 - f) K[j - n] + f K[j - n - 1]`` for a delay of
    ``n + f`` taps, ``0 <= f < 1``.

    Args:
        kernels: ``(out, in, taps, 1, 1)``.
        delays: ``(out,)``.
    """
    taps = kernels.shape[2]
    # Further than all taps is as far as that.
    held = torch.nan_to_num(delays, nan=taps + 1.0).clamp(-(taps + 1), taps + 1)
    whole = held.detach().floor()
    part = (held - whole).view(-1, 1, 1, 1, 1)
    places = torch.arange(taps, device=kernels.device) - whole.long()[:, None]

    def at(places):
        inside = (places >= 0) & (places < taps)
        index = places.clamp(0, taps - 1)[:, None, :, None, None].expand_as(kernels)
        return torch.where(inside[:, None, :, None, None], kernels.gather(2, index), torch.zeros_like(kernels))

    return (1 - part) * at(places) + part * at(places - 1)


class KernelRules(nn.Module):
    """A parametrization, the last of a convolution's weight: delay, then tap mask and zero sum.

    Args:
        conv: the convolution; with `delay` it gets a parameter of that name.
        tap_mask: taps from the first one on that are 0.
        zero_sum: `mean` takes the same number off every unmasked tap, `window` a multiple of the window; None leaves the sum.
        window: ``(taps,)``, as of `time_window`.
        delay: whether each output channel's kernels are delayed by a learned time, in taps, 0 at the start.
    """

    def __init__(self, conv, tap_mask, zero_sum, window, delay):
        super().__init__()
        taps = window.numel()
        if not 0 <= tap_mask < taps:
            raise ValueError(
                f"frontend.params.tap_mask: {tap_mask} leaves none of the {taps} taps; the largest mask is {taps - 1}")
        if zero_sum not in (None, "mean", "window"):
            raise ValueError(f"frontend.params.zero_sum: unknown `{zero_sum}`; known: mean, window")
        mask = (torch.arange(taps) >= tap_mask).to(torch.float32)
        shares = mask * (window if zero_sum == "window" else 1)
        total = float(shares.sum())
        self.register_buffer("mask", mask.view(1, 1, -1, 1, 1), persistent=False)
        self.register_buffer(
            "shares", (shares / total).view(1, 1, -1, 1, 1) if zero_sum and total != 0 else None, persistent=False)
        # A list hides the convolution from torch: the delay is stored under its name, as vcsh stores it.
        self._conv = [conv]
        self.delay = bool(delay)
        if delay:
            conv.register_parameter("delay", nn.Parameter(torch.zeros(conv.out_channels, device=conv.weight.device)))

    def forward(self, kernels):
        if self.delay:
            kernels = delayed(kernels, self._conv[0].delay)
        kernels = kernels * self.mask
        if self.shares is not None:
            kernels = kernels - self.shares * kernels.sum(2, keepdim=True)
        return kernels


def add_kernel_rules(conv, params):
    """Adds what `frontend.params` asks of the kernels, and the dilation, to a convolution."""
    taps = conv.kernel_size[0]
    rules = KernelRules(
        conv, int(params.get("tap_mask") or 0), params.get("zero_sum"), time_window(params, taps),
        bool(params.get("delay"))).to(conv.weight.device)
    if rules.delay or params.get("tap_mask") or params.get("zero_sum"):
        is_plain = not parametrize.is_parametrized(conv, "weight")
        parametrize.register_parametrization(conv, "weight", rules)
        if is_plain:
            conv.register_state_dict_post_hook(_store_plainly)
            conv.register_load_state_dict_pre_hook(_read_plainly)
    dilation = int(params.get("dilation") or 1)
    if dilation < 1:
        raise ValueError(f"frontend.params.dilation: {dilation} is not a whole number of at least 1")
    conv.dilation = (dilation, *conv.dilation[1:])


# Without window and weight norm vcsh stores a weight as `weight`; so does VisionCore.
def _store_plainly(module, state_dict, prefix, local_metadata):
    original = state_dict.pop(prefix + "parametrizations.weight.original", None)
    if original is not None:
        state_dict[prefix + "weight"] = original


def _read_plainly(module, state_dict, prefix, *_):
    plain = state_dict.pop(prefix + "weight", None)
    if plain is not None:
        state_dict[prefix + "parametrizations.weight.original"] = plain


def effective_kernels(conv):
    """The kernels that act, with gradients to the stored tensors: ``(kernel, tap)``."""
    weight = conv.weight
    if tuple(weight.shape[3:]) != (1, 1):
        raise ValueError("the kernels of a temporal frontend have no size in space")
    return weight.reshape(-1, weight.shape[2])


def stored_kernels(conv):
    """The stored tensor that training moves: the weight, `original`, or under weight norm its direction `v`."""
    if not parametrize.is_parametrized(conv, "weight"):
        return conv.weight
    parts = conv.parametrizations.weight
    v = next((part.v for part in parts if isinstance(getattr(part, "v", None), nn.Parameter)), None)
    return parts.original if v is None else v


@torch.no_grad()
def project_zero_sum(conv, params):
    """Makes every kernel that acts sum to 0, by the smallest change of the stored one: for after a step.

    ``o' = o - w (sum w o) / (sum w^2)``, w the window, 0 on masked taps.
    """
    stored = stored_kernels(conv)
    factors = time_window(params, stored.shape[2]).to(stored)
    factors[:int(params.get("tap_mask") or 0)] = 0
    square = factors.square().sum()
    if square > 0:
        factors = factors.view(1, 1, -1, 1, 1)
        stored -= factors * (factors * stored).sum(2, keepdim=True) / square
