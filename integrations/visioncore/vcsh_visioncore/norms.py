"""Norms that VisionCore lacks. All take features ``(N, C, T, H, W)``, time index 0 the newest frame, and give the same shape.

Names of types, options and parameters are those of vcsh, so that tensors go from one to the other.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from .options import Options
from .plain_norms import LOCAL, TEMPORAL, GroupNorm, RMSNorm, per_channel, plain_norm

#: Types that VisionCore builds by itself.
VISIONCORE_NORMS = ("none", "batch", "instance", "group", "layer", "rms", "grn")
#: Types that can be a part of another norm.
PART_TYPES = ("none", "instance", "group", "layer", "rms", "grn", "lrn_channel", "lrn_spatial", *TEMPORAL)
STATISTICS = 3


class StimulusConditionedNorm(nn.Module):
    """A base norm whose scale and shift of each channel follow from the statistics of the stimulus window.

    ``o = W2 silu(W1 phi + b1) + b2``, ``y = base(x) (1 + o[:C]) + o[C:]``. It starts as its base, as W2 and b2 start at 0.

    Args:
        window: the `StimulusWindow` of the model.
    """

    def __init__(self, type_name, channels, options, window):
        super().__init__()
        named = type_name[len("stimcond_"):] if type_name != "stimcond" else None
        base = options.take("base", named or "none", choices=("none", "rms", "instance"))
        if named is not None and base != named:
            raise ValueError(f"{options.place}.base: `{base}`, but the norm's type is `{type_name}`")
        hidden = options.size("hidden", 8)
        options.finish()
        plain = Options({"affine": False}, options.place)
        self.base = (
            nn.Identity() if base == "none" else RMSNorm(channels, plain) if base == "rms"
            else GroupNorm("instance", channels, plain))
        # A list hides the window from torch: it is no part of this norm.
        self._window = [window]
        bound = 1 / math.sqrt(STATISTICS)
        self.W1 = nn.Parameter(torch.empty(hidden, STATISTICS).uniform_(-bound, bound))
        self.b1 = nn.Parameter(torch.empty(hidden).uniform_(-bound, bound))
        self.W2 = nn.Parameter(torch.zeros(2 * channels, hidden))
        self.b2 = nn.Parameter(torch.zeros(2 * channels))

    def forward(self, x):
        phi = self._window[0].statistics
        output = F.linear(F.silu(F.linear(phi, self.W1, self.b1)), self.W2, self.b2)
        scale, shift = output[:, :, None, None, None].chunk(2, dim=1)
        return self.base(x) * (1 + scale) + shift


def _parts(types, channels, options):
    """Norms that are parts of another one; options of each stand under its type."""
    families = ["temporal" if kind in TEMPORAL else kind for kind in types]
    if len(set(families)) != len(families):
        raise ValueError(f"{options.place}: a norm stands there twice ({', '.join(types)})")
    parts = []
    for kind in types:
        if kind not in PART_TYPES:
            raise ValueError(f"{options.place}: `{kind}` can't be a part of another norm; known: {', '.join(PART_TYPES)}")
        own = Options(options.take(kind), f"{options.place}.{kind}")
        if kind == "none":
            own.finish()
            parts.append(nn.Identity())
        else:
            parts.append(plain_norm(kind, channels, own))
    return parts


class _Composite(nn.Module):
    """Parts whose parameters have their names in the whole norm: `rms_g`, not `0.rms_g`."""

    def _adopt(self, parts):
        self._parts_list = parts
        for part in parts:
            for name, parameter in part.named_parameters(recurse=False):
                self.register_parameter(name, parameter)

    def _run(self, part, x):
        # The parameters live here: a copy or a move of this module gives it new ones.
        own = {name: getattr(self, name) for name, _ in part.named_parameters(recurse=False)}
        return torch.func.functional_call(part, own, (x,)) if own else part(x)


class HybridNorm(_Composite):
    """Norms one after the other: `hybrid_rms_grn`, or `hybrid` with `norms: [rms, grn]`."""

    def __init__(self, type_name, channels, options):
        super().__init__()
        given, named = options.take("norms"), hybrid_parts(type_name)
        if given is not None and named is not None and list(given) != list(named):
            raise ValueError(f"{options.place}.norms: {given}, but the norm's type is `{type_name}`")
        types = list(given or named or [])
        if len(types) < 2:
            raise ValueError(f"{options.place}.norms: a hybrid norm has at least two parts: [rms, grn]")
        self._adopt(_parts(types, channels, options))
        options.finish()

    def forward(self, x):
        for part in self._parts_list:
            x = self._run(part, x)
        return x


class MixtureNorm(_Composite):
    """A sum of norms, weighed by a softmax over them: one for all channels, or (`per_channel`) one for each."""

    def __init__(self, type_name, channels, options):
        super().__init__()
        named = type_name == "mixture_perchannel"
        self.per_channel = bool(options.take("per_channel", named))
        if named and not self.per_channel:
            raise ValueError(f"{options.place}.per_channel: false, but the norm's type is `{type_name}`")
        bank = list(options.take("bank", ["none", "instance", "grn", "rms"]))
        if len(bank) < 2:
            raise ValueError(f"{options.place}.bank: a mixture has at least two norms")
        starts = torch.tensor([2.0 if kind == "none" else 0.0 for kind in bank])
        if self.per_channel:
            self.theta_c = nn.Parameter(starts[:, None].repeat(1, channels))
        else:
            self.theta = nn.Parameter(starts)
        self._adopt(_parts(bank, channels, options))
        options.finish()

    def forward(self, x):
        shares = (self.theta_c if self.per_channel else self.theta).softmax(0)
        total = 0
        for share, part in zip(shares, self._parts_list):
            total = total + (per_channel(share) if self.per_channel else share) * self._run(part, x)
        return total


def hybrid_parts(type_name):
    """The two parts that a type's name gives; None for another type."""
    for first in PART_TYPES:
        stem = f"hybrid_{first}_"
        if type_name.startswith(stem) and type_name[len(stem):] in PART_TYPES:
            return [first, type_name[len(stem):]]
    return None


def is_own(type_name):
    """Whether a type of norm is one that VisionCore lacks."""
    return type_name.lower() not in VISIONCORE_NORMS


def needs_statistics(type_name):
    """Whether a norm reads the statistics of the stimulus."""
    return type_name.lower().startswith("stimcond")


def make_norm(type_name, channels, options=None, window=None, place="norm_params"):
    """A norm by its type in the configuration.

    Args:
        type_name: `lrn_channel`, `temporal_global_past`, `stimcond_rms`, `hybrid_rms_grn`, `mixture`, …
        channels: of the features.
        options: `norm_params`.
        window: the model's `StimulusWindow`; only `stimcond` needs it.

    Raises:
        ValueError: for an unknown type or option, naming its place.
    """
    kind = type_name.lower()
    own = Options(options, place)
    if kind in ("stimcond", "stimcond_none", "stimcond_rms", "stimcond_instance"):
        if window is None:
            raise ValueError(f"{place}: `{kind}` needs the model's StimulusWindow")
        return StimulusConditionedNorm(kind, channels, own, window)
    if kind == "hybrid" or hybrid_parts(kind) is not None:
        return HybridNorm(kind, channels, own)
    if kind in ("mixture", "mixture_perchannel"):
        return MixtureNorm(kind, channels, own)
    if kind in (*LOCAL, *TEMPORAL):
        return plain_norm(kind, channels, own)
    raise ValueError(f"{place}: unknown norm `{type_name}`")
