"""A small model with the tensor names and the arithmetic of VisionCore, for some of its configurations.

It stands in for VisionCore, whose code is not here: an adapter by scale, learned temporal filters, a stem and blocks
(`vanilla`, `resnet`), Gaussian and linear readouts, baselines. `test_standin.py` holds it against recorded outputs of VisionCore.
"""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import parametrize


class WeightNorm(nn.Module):
    def __init__(self, weight, is_unit):
        super().__init__()
        self.v = nn.Parameter(weight.detach().clone())
        norm = torch.linalg.vector_norm(weight.detach().flatten(1), dim=1)
        self.g = nn.Parameter(torch.ones_like(norm) if is_unit else norm, requires_grad=not is_unit)

    def forward(self, original):
        norm = torch.linalg.vector_norm(self.v.flatten(1), dim=1).clamp(min=1e-12)
        return self.v * (self.g / norm).view(-1, 1, 1, 1, 1)


class Window(nn.Module):
    def __init__(self, kernel, kind, options):
        super().__init__()
        options = dict(options or {})
        power = options.pop("power", 1.0)
        mask = torch.ones(kernel)
        for axis, size in enumerate(kernel):
            if size < 5:
                continue
            values = getattr(torch.signal.windows, kind)(size, sym=True, **options) ** power
            values = values / values.max().clamp(min=1e-12)
            mask = mask * values.view([-1 if other == axis else 1 for other in range(3)])
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, weight):
        return weight * self.mask


def convolution(params, inputs, outputs, kernel, bias, **geometry):
    conv = nn.Conv3d(inputs, outputs, kernel, bias=bias, **geometry)
    if params.get("use_weight_norm"):
        parametrize.register_parametrization(conv, "weight", WeightNorm(conv.weight, bool(params.get("keep_unit_norm"))))
    if params.get("aa_signal"):
        window = Window(kernel, params.get("aa_window") or "hann", params.get("aa_window_kwargs"))
        parametrize.register_parametrization(conv, "weight", window)
    return conv


class RMS(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.gamma, self.beta = nn.Parameter(torch.ones(shape)), nn.Parameter(torch.zeros(shape))

    def forward(self, x):
        normed = x / (x.square().mean(1, keepdim=True) + 1e-5).sqrt()
        return normed * self.gamma.view(1, -1, 1, 1, 1) + self.beta.view(1, -1, 1, 1, 1)


class GRN(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1, channels, 1, 1, 1))
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1, 1))

    def forward(self, x):
        norm = x.square().sum((2, 3, 4), keepdim=True).sqrt()
        return self.gamma * (x * norm / (norm.mean(1, keepdim=True) + 1e-5)) + self.beta + x


class Layer(nn.Module):
    def forward(self, x):
        mean = x.mean(1, keepdim=True)
        return (x - mean) / (x.square().mean(1, keepdim=True) - mean.square() + 1e-5).sqrt()


class SplitReLU(nn.Module):
    def __init__(self):
        super().__init__()
        self.ongain = nn.Parameter(torch.ones(1), requires_grad=False)

    def forward(self, x):
        return torch.cat([x.relu() * self.ongain.abs(), (-x).relu()], 1)


class Conv(nn.Module):
    def __init__(self, conv):
        super().__init__()
        self.conv = conv

    def forward(self, x):
        return self.conv(x)


class Block(nn.Module):
    """Pad, convolution, norm, activation and pool."""

    def __init__(self, options, inputs, outputs):
        super().__init__()
        params = options["conv_params"]
        kernel = tuple(params["kernel_size"])
        padding = params["padding"]
        spatial = [padding[axis] if kernel[axis] > 1 else 0 for axis in (1, 2)]
        self.pads = [spatial[1]] * 2 + [spatial[0]] * 2 + [kernel[0] - 1, 0] if kernel[0] > 1 else None
        norm = options.get("norm_type") or "none"
        self.components = nn.ModuleDict({"conv": Conv(convolution(params, inputs, outputs, kernel, norm == "none"))})
        if norm != "none":
            self.components["norm"] = {
                "rms": lambda: RMS((outputs,)), "grn": lambda: GRN(outputs), "layer": Layer}[norm]()
        self.components["act"] = {"splitrelu": SplitReLU, "relu": nn.ReLU}[options["act_type"]]()
        self.outputs = 2 * outputs if options["act_type"] == "splitrelu" else outputs
        pool = options.get("pool_params")
        self.stride = 1
        if pool:
            self.components["pool"] = nn.MaxPool3d(pool["kernel_size"], pool.get("stride"))
            self.stride = pool.get("stride", 1)

    def forward(self, x):
        if self.pads is not None:
            x = F.pad(x, self.pads, mode="replicate")
        for name in ("conv", "norm", "act", "pool"):
            if name in self.components:
                x = self.components[name](x)
        return x


class Residual(nn.Module):
    def __init__(self, options, inputs, outputs):
        super().__init__()
        self.main_block = Block(options, inputs, outputs)
        self.outputs = self.main_block.outputs
        stride = self.main_block.stride
        changes = stride != 1 or inputs != self.outputs
        self.shortcut = nn.Conv3d(inputs, self.outputs, 1, stride=stride, bias=False) if changes else nn.Identity()

    def forward(self, x):
        main, side = self.main_block(x), self.shortcut(x)
        rows, columns = ((side.shape[axis] - main.shape[axis]) // 2 for axis in (3, 4))
        return main + side[
            :, :, side.shape[2] - main.shape[2]:, rows:rows + main.shape[3], columns:columns + main.shape[4]]


class Convnet(nn.Module):
    def __init__(self, kind, params, inputs):
        super().__init__()
        self.stem = None
        if params.get("stem_config"):
            self.stem = Block(params["stem_config"], inputs, params["stem_config"]["out_channels"])
            inputs = self.stem.outputs
        self.layers = nn.ModuleList()
        for options, outputs in zip(params["block_configs"], params["channels"]):
            self.layers.append((Residual if kind == "resnet" else Block)(options, inputs, outputs))
            inputs = self.layers[-1].outputs
        self.outputs = inputs

    def forward(self, x):
        for layer in [self.stem, *self.layers]:
            x = x if layer is None else layer(x)
        return x


class Temporal(nn.Module):
    def __init__(self, params, inputs):
        super().__init__()
        kernel = (params["kernel_size"], 1, 1)
        conv = convolution(params, inputs, params["num_channels"], kernel, bool(params.get("bias")))
        self.temporal_conv = Conv(conv)

    def forward(self, x):
        return self.temporal_conv(x)


class Adapter(nn.Module):
    def __init__(self, params):
        super().__init__()
        self.grid = params["grid_size"]
        self.log_sigma = nn.Parameter(torch.zeros(()), requires_grad=False)
        if params["transform"] == "affine":
            self.affine = nn.Parameter(torch.zeros(2, 3))
        else:
            self.log_scale = nn.Parameter(torch.zeros(2))

    def forward(self, x):
        n, channels, frames, _, _ = x.shape
        scale = F.softplus(self.log_scale)
        smallest = scale.min().item()
        lowest = 0 if smallest >= 1 else 0.44 * (1 / smallest - 1)
        sigma = (lowest ** 2 + F.softplus(self.log_sigma).item() ** 2) ** 0.5
        flat = x.reshape(n * channels * frames, 1, *x.shape[3:])
        if sigma >= 1e-3:
            half = ((int(round(6 * sigma)) | 1) - 1) // 2
            places = torch.arange(-(half + 1), half + 1, dtype=x.dtype)
            taps = torch.exp(-0.5 * (places / sigma) ** 2)
            taps = taps / taps.sum()
            flat = F.conv2d(flat, taps.view(1, 1, -1, 1), padding=(half, 0))
            flat = F.conv2d(flat, taps.view(1, 1, 1, -1), padding=(0, half))
        line = torch.linspace(-1, 1, self.grid, dtype=x.dtype)
        rows, columns = torch.meshgrid(line, line, indexing="ij")
        grid = torch.stack([columns * scale[0], rows * scale[1]], -1).expand(len(flat), -1, -1, -1)
        out = F.grid_sample(flat, grid, mode="bilinear", padding_mode="zeros", align_corners=True)
        return out.reshape(n, channels, frames, self.grid, self.grid)


class Gaussian(nn.Module):
    def __init__(self, channels, cells):
        super().__init__()
        self.features = nn.Conv2d(channels, cells, 1, bias=False)
        self.bias, self.theta = nn.Parameter(torch.zeros(cells)), nn.Parameter(torch.zeros(cells))
        self.mean, self.std = nn.Parameter(torch.zeros(cells, 2)), nn.Parameter(torch.ones(cells, 2))

    def forward(self, x):
        features = self.features(x[:, :, -1])
        height, width = features.shape[2:]
        rows = torch.arange(height) - (height - 1) / 2
        columns = torch.arange(width) - (width - 1) / 2
        dy = rows.view(1, -1, 1) - self.mean[:, 0].view(-1, 1, 1)
        dx = columns.view(1, 1, -1) - self.mean[:, 1].view(-1, 1, 1)
        cos, sin = self.theta.cos().view(-1, 1, 1), self.theta.sin().view(-1, 1, 1)
        std = self.std.clamp(min=1e-3)
        u, v = dy * cos + dx * sin, -dy * sin + dx * cos
        mask = torch.exp(-0.5 * ((u / std[:, 0].view(-1, 1, 1)) ** 2 + (v / std[:, 1].view(-1, 1, 1)) ** 2))
        mask = mask / (mask.sum((1, 2), keepdim=True) + 1e-8)
        return (features * mask).sum((2, 3)) + self.bias


class Linear(nn.Module):
    def __init__(self, channels, cells):
        super().__init__()
        self.fc = nn.Linear(channels, cells)
        self.bias = self.fc.bias

    def forward(self, x):
        return self.fc(x[:, :, -1].mean((2, 3)))


class StandIn(nn.Module):
    """A model from its configuration, as `visioncore_configuration` gives it.

    Args:
        heads: of each session: `cids`, and `adapter` and `readout` where it has its own.
    """

    def __init__(self, configuration, heads):
        super().__init__()
        plain = lambda part: (configuration.get(part) or {}).get("params") or {}
        self.adapters = nn.ModuleList()
        for head in heads:
            adapter = head.get("adapter") or configuration["adapter"]
            self.adapters.append(nn.Identity() if adapter["type"] == "none" else Adapter(adapter["params"]))
        self.frontend = Temporal(plain("frontend"), 1)
        self.convnet = Convnet(configuration["convnet"]["type"], plain("convnet"), plain("frontend")["num_channels"])
        self.readouts = nn.ModuleList()
        for head in heads:
            kind = (head.get("readout") or configuration["readout"])["type"]
            self.readouts.append({"gaussian": Gaussian, "linear": Linear}[kind](self.convnet.outputs, len(head["cids"])))
        baseline = configuration.get("baseline") or {}
        self.baselines = (
            nn.ParameterList(nn.Parameter(torch.zeros(len(head["cids"]))) for head in heads)
            if baseline.get("enabled") else None)
        self.activation = {"softplus": nn.Softplus(), "relu": nn.ReLU()}[configuration["output_activation"]]

    def forward(self, stimulus, dataset_idx=0, behavior=None, history=None):
        features = self.convnet(self.frontend(self.adapters[dataset_idx](stimulus)))
        rates = self.activation(self.readouts[dataset_idx](features))
        return rates if self.baselines is None else rates + self.baselines[dataset_idx].relu()
