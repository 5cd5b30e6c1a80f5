"""Adds to a VisionCore model the parts that VisionCore lacks, by the model's configuration."""

import copy
import functools

import torch
from torch import nn

from .calibration import STANDARD_PULL, OutputCalibration
from .kernels import add_kernel_rules, effective_kernels
from .norms import is_own, make_norm, needs_statistics
from .pooling import TemporalPooling
from .window import StimulusWindow

#: Options under `frontend.params` that are vcsh's own.
FRONTEND_OPTIONS = (
    "lag_mask", "tap_mask", "zero_sum", "delay", "dilation", "temporal_pool", "temporal_pool_type")
_KERNEL_OPTIONS = ("tap_mask", "zero_sum", "delay", "dilation")
#: A norm without parameters that VisionCore builds for every kernel: it holds the place of one that VisionCore lacks.
PLACEHOLDER = "layer"


def _params(configuration, part):
    return (configuration.get(part) or {}).get("params") or {}


def _blocks(configuration):
    """Places of blocks in the configuration, their options, and where the model has them."""
    frontend = configuration.get("frontend") or {}
    if frontend.get("type") == "conv":
        yield "frontend.params", _params(configuration, "frontend"), ("frontend",)
    convnet = _params(configuration, "convnet")
    if isinstance(convnet.get("stem_config"), dict):
        yield "convnet.params.stem_config", convnet["stem_config"], ("convnet.stem",)
    for index, block in enumerate(convnet.get("block_configs") or []):
        path = f"convnet.layers.{index}"
        yield f"convnet.params.block_configs.{index}", block, (f"{path}.main_block", path)


def _own_norms(configuration):
    for place, block, paths in _blocks(configuration):
        if isinstance(block.get("norm_type"), str) and is_own(block["norm_type"]):
            yield place, block, paths


def own_options(configuration):
    """Options in a configuration that VisionCore does not know, by their paths."""
    params = _params(configuration, "frontend")
    found = [f"frontend.params.{key}" for key in FRONTEND_OPTIONS if key in params]
    found += [f"{place}.norm_type" for place, _, _ in _own_norms(configuration)]
    return found + (["output_calibration"] if "output_calibration" in configuration else [])


def visioncore_configuration(configuration):
    """A copy that VisionCore can build: without vcsh's own options, and with `layer` in place of norms that it lacks.

    Give this to VisionCore, and the whole configuration to `add_parts`.
    """
    plain = copy.deepcopy(configuration)
    for key in FRONTEND_OPTIONS:
        _params(plain, "frontend").pop(key, None)
    for _, block, _ in list(_own_norms(plain)):
        block["norm_type"] = PLACEHOLDER
        block.pop("norm_params", None)
    plain.pop("output_calibration", None)
    return plain


class Parts:
    """What `add_parts` added to a model.

    Attributes:
        model: the VisionCore model, inside of a Lightning module or by itself.
        configuration: the whole one.
        stimulus: type of the stimulus that the model sees in the next calls (one, or one for each sample), for calibrations
            with a row for each type; None where it is not known.
        names: the options that the parts come from.
    """

    def __init__(self, model, configuration):
        self.model, self.configuration = model, configuration
        self.stimulus = None
        self.names = own_options(configuration)
        self.calibrations = {}
        self._head = None
        calibration = configuration.get("output_calibration")
        self._calibration = calibration if calibration and calibration.get("enabled", True) else None
        norms = [block["norm_type"] for _, block, _ in _own_norms(configuration)]
        follows = bool(self._calibration and self._calibration.get("follow_stimulus"))
        self.window = StimulusWindow(
            int(self.frontend_params.get("lag_mask") or 0), follows or any(map(needs_statistics, norms)))

    @property
    def frontend_params(self):
        """`frontend.params` of the configuration."""
        return _params(self.configuration, "frontend")

    @property
    def filters(self):
        """The convolution of a frontend of learned temporal filters.

        Raises:
            ValueError: for a frontend of another type.
        """
        try:
            conv = self.model.get_submodule("frontend.temporal_conv.conv")
        except AttributeError:
            conv = None
        if not isinstance(conv, nn.Conv3d):
            raise ValueError("the frontend is not of the type learnable_temporal: `frontend.temporal_conv.conv` is no Conv3d")
        return conv

    @property
    def kernels(self):
        """The frontend's kernels that act, ``(kernel, tap)``."""
        return effective_kernels(self.filters)

    @property
    def tap_rate_hz(self):
        """Taps a second of the frontend's kernels; None where the configuration has no `sampling_rate`."""
        rate = self.configuration.get("sampling_rate")
        return None if rate is None else rate / int(self.frontend_params.get("dilation") or 1)

    @property
    def pull_weight(self):
        """Weight of the pull of the output calibration to the identity; 0 without one."""
        return float(self._calibration.get("pull", STANDARD_PULL)) if self._calibration else 0.0

    def pull(self):
        """The pull of all calibrations, for a weight of 1."""
        return sum(calibration.pull() for calibration in self.calibrations.values())

    # Adding

    def _add_norms(self):
        for place, block, paths in _own_norms(self.configuration):
            path = next((path for path in paths if _has(self.model, f"{path}.components.conv")), None)
            if path is None:
                raise ValueError(f"{place}: the model has no block `{paths[-1]}.components`")
            if "norm" not in block.get("order", ["norm"]):
                continue
            components = self.model.get_submodule(f"{path}.components")
            old = components._modules.get("norm")
            if old is None:
                raise ValueError(
                    f"{place}: the block was built without a norm; build the model from visioncore_configuration(…)")
            norm = make_norm(
                block["norm_type"], _channels(components.get_submodule("conv")), block.get("norm_params"), self.window,
                place=f"{place}.norm_params")
            components.add_module("norm", norm.to(_device(self.model)))

    def _add_pooling(self):
        frames = int(self.frontend_params.get("temporal_pool") or 0)
        if frames <= 1:
            return
        kind = self.frontend_params.get("temporal_pool_type") or "mean"
        frontend = self.model.get_submodule("frontend")
        channels = self.filters.out_channels if _has(self.model, "frontend.temporal_conv.conv") else None
        if channels is None:
            if kind != "mean":
                raise ValueError("temporal_pool_type: exponential needs a frontend of the type learnable_temporal")
            channels = 1
        pooling = TemporalPooling(channels, frames, kind).to(_device(self.model))
        frontend.add_module("temporal_pool", pooling)
        frontend.register_forward_hook(_pool)

    def _add_calibration(self):
        if self._calibration is None:
            return
        if (self.configuration.get("output_activation") or "none") == "none":
            raise ValueError("output_calibration: calibrates rates, and this model gives log rates (output_activation)")
        heads = getattr(self.model, "readouts", None)
        single = heads is None
        for index, readout in enumerate([self.model.readout] if single else heads):
            cells = readout.features.weight.shape[0] if hasattr(readout, "features") else readout.bias.shape[0]
            calibration = OutputCalibration(cells, self._calibration).to(_device(self.model))
            readout.add_module("calibration", calibration)
            self.calibrations[index] = calibration
            readout.register_forward_hook(functools.partial(self._note, index))
        self.model.register_forward_hook(self._calibrate)

    def _note(self, head, readout, inputs, output):
        self._head = head

    def _calibrate(self, model, inputs, rates):
        head, self._head = self._head, None
        if head is None:
            raise RuntimeError("output_calibration: no readout was called in this pass")
        statistics = self.window.statistics if self.window.keeps_statistics else None
        return self.calibrations[head](rates, self.stimulus, statistics)


def _pool(frontend, inputs, output):
    return frontend.temporal_pool(output)


def _has(model, path):
    try:
        model.get_submodule(path)
    except AttributeError:
        return False
    return True


def _device(model):
    return next((parameter.device for parameter in model.parameters()), torch.device("cpu"))


def _channels(conv):
    for name in ("conv", "pointwise"):
        inner = getattr(conv, name, None)
        if hasattr(inner, "out_channels"):
            return inner.out_channels
    if hasattr(conv, "out_channels"):
        return conv.out_channels
    raise ValueError("a block's convolution has neither `conv` nor `pointwise`")


def visioncore_model(model):
    """The VisionCore model inside of a Lightning module, or the model itself."""
    core = model if hasattr(model, "readouts") or hasattr(model, "readout") else getattr(model, "model", model)
    if hasattr(core, "_orig_mod"):
        raise ValueError("the model is compiled already: add the parts before torch.compile")
    if not (hasattr(core, "readouts") or hasattr(core, "readout")) or not hasattr(core, "frontend"):
        raise ValueError("no VisionCore model: it has no `frontend` and `readouts` (or `readout`), and no `model` that has them")
    return core


def add_parts(model, configuration):
    """Adds every part that the configuration asks for and VisionCore lacks.

    Without such a part the model stays as it is.

    Args:
        model: a VisionCore model, or the Lightning module that holds it as `model`, built from
            `visioncore_configuration(configuration)`. Call this before the optimiser is made: parts have parameters.
        configuration: the whole configuration, a dict as YAML gives it.

    Returns:
        The `Parts`, for `TrainParts`.

    Raises:
        ValueError: for an option that is wrong, or a model that does not have the place for a part. What was added until then
            stays: build the model anew.
    """
    core = visioncore_model(model)
    if getattr(core, "_vcsh_parts", None):
        raise ValueError("this model has its parts already")
    parts = Parts(core, copy.deepcopy(configuration))
    # Kept in a list: the parts are no module, and their window has no parameters.
    core._vcsh_parts = [parts]
    if any(parts.frontend_params.get(key) for key in _KERNEL_OPTIONS):
        add_kernel_rules(parts.filters, parts.frontend_params)
    parts._add_norms()
    parts._add_pooling()
    parts._add_calibration()
    window = parts.window
    if window.lag_mask or window.keeps_statistics:
        core.register_forward_pre_hook(window.before, with_kwargs=True)
        core.register_forward_hook(window.after, with_kwargs=True)
    return parts
