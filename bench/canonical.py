"""The canonical twin's forward pass in plain PyTorch, weights from the checkpoint: what a user would run instead."""
import torch
import torch.nn.functional as F


def window(n, power=1.0, name="hann"):
    """Separable window over one axis; axes shorter than five are left alone."""
    if n < 5:
        return torch.ones(n)
    w = torch.signal.windows.hann(n, sym=True) ** power
    return w / w.max().clamp(min=1e-12)


def mask(shape, power=1.0):
    axes = [window(n, power) for n in shape]
    return axes[0][:, None, None] * axes[1][None, :, None] * axes[2][None, None, :]


class Canonical:
    def __init__(self, state, power=0.25, grid=51):
        self.s = {k.removeprefix("model."): v for k, v in state.items()}
        self.power, self.grid = power, grid
        with torch.no_grad():
            self.effective()

    def effective(self):
        """Weights of the convolutions from their parameters."""
        kernel = self.s["frontend.temporal_conv.conv.parametrizations.weight.original"]
        self.temporal = kernel * mask(kernel.shape[2:], self.power)
        self.stem = self.weight("convnet.stem.components.conv.conv")
        self.blocks = [self.weight(f"convnet.layers.{i}.main_block.components.conv.conv") for i in range(2)]

    def trainable(self, head):
        """Names of the parameters that a loss of one head's rates moves."""
        own = (f"adapters.{head}.log_scale", "frontend.", "convnet.", "recurrent.", f"readouts.{head}.")
        dead = ("weight.0.g", "ongain")
        return [k for k, v in self.s.items() if k.startswith(own) and not k.endswith(dead)
                and not (k.endswith("weight.original") and k.replace("original", "0.v") in self.s)]

    def weight(self, name):
        v = self.s[name + ".parametrizations.weight.0.v"]
        g = self.s[name + ".parametrizations.weight.0.g"]
        norm = v.flatten(1).norm(dim=1).clamp(min=1e-12)
        return v * (g / norm)[:, None, None, None, None] * mask(v.shape[2:])

    def splitrelu(self, x, name):
        return torch.cat([F.relu(x) * self.s[name + ".act.ongain"].abs(), F.relu(-x)], 1)

    def adapter(self, x, head):
        grid = self.grid
        n, c, t, h, w = x.shape
        scale = F.softplus(self.s[f"adapters.{head}.log_scale"])
        least = float(scale.detach().min())
        low = 0.0 if least >= 1 else 0.44 * (1 / least - 1)
        sigma = (low**2 + float(F.softplus(self.s[f"adapters.{head}.log_sigma"].detach())) ** 2) ** 0.5
        x = x.reshape(n, c * t, h, w)
        if sigma >= 1e-3:
            k = round(6 * sigma) | 1
            m = (k - 1) // 2
            p = torch.arange(-(m + 1), m + 1, dtype=torch.float32)
            g = torch.exp(-0.5 * (p / sigma) ** 2)
            g = g / g.sum()
            x = x.reshape(-1, 1, h, w)
            x = F.conv2d(F.pad(x, (0, 0, m, m)), g[None, None, :, None])
            x = F.conv2d(F.pad(x, (m, m, 0, 0)), g[None, None, None, :])
            x = x.reshape(n, c * t, *x.shape[2:])
        y, z = torch.meshgrid(torch.linspace(-1, 1, grid), torch.linspace(-1, 1, grid), indexing="ij")
        points = torch.stack([z * scale[0], y * scale[1]], -1)[None].expand(n, -1, -1, -1)
        x = F.grid_sample(x, points, mode="bilinear", padding_mode="zeros", align_corners=True)
        return x.reshape(n, c, t, grid, grid)

    def grn(self, x, name):
        norm = (x * x).sum((2, 3, 4), keepdim=True).sqrt()
        n = norm / (norm.mean(1, keepdim=True) + 1e-5)
        return self.s[name + ".norm.gamma"] * (x * n) + self.s[name + ".norm.beta"] + x

    def crop(self, x, like):
        t, h, w = like.shape[2:]
        y0, x0 = (x.shape[3] - h) // 2, (x.shape[4] - w) // 2
        return x[:, :, x.shape[2] - t :, y0 : y0 + h, x0 : x0 + w]

    def block(self, x, i):
        name = f"convnet.layers.{i}.main_block.components"
        k = self.blocks[i].shape[2]
        y = F.pad(x, (0, 0, 0, 0, k - 1, 0), mode="replicate")
        y = self.splitrelu(self.grn(F.conv3d(y, self.blocks[i]), name), name)
        if i == 0:
            y = F.max_pool3d(y, 2, 2)
        short = self.s.get(f"convnet.layers.{i}.shortcut.weight")
        r = x if short is None else F.conv3d(x, short, stride=2 if i == 0 else 1)
        return y + self.crop(r, y)

    def gru(self, x):
        s, p = self.s, "recurrent.cells.0."
        h = torch.zeros(x.shape[0], s[p + "update_gate.bias"].shape[0], *x.shape[3:])
        for t in range(x.shape[2]):
            v = torch.cat([x[:, :, t], h], 1)
            z = torch.sigmoid(F.conv2d(v, s[p + "update_gate.weight"], s[p + "update_gate.bias"], padding=1))
            r = torch.sigmoid(F.conv2d(v, s[p + "reset_gate.weight"], s[p + "reset_gate.bias"], padding=1))
            v = torch.cat([x[:, :, t], r * h], 1)
            n = torch.tanh(F.conv2d(v, s[p + "out_gate.weight"], s[p + "out_gate.bias"], padding=1))
            h = (1 - z) * h + z * n
        return h

    def readout(self, f, head):
        s, p = self.s, f"readouts.{head}."
        hh, ww = f.shape[2:]
        y = torch.arange(hh) - (hh - 1) / 2
        x = torch.arange(ww) - (ww - 1) / 2
        mean, std, theta = s[p + "mean"], s[p + "std"].clamp(min=1e-3), s[p + "theta"]
        dy = y[None, :, None] - mean[:, 0, None, None]
        dx = x[None, None, :] - mean[:, 1, None, None]
        c, q = theta.cos()[:, None, None], theta.sin()[:, None, None]
        u, v = dy * c + dx * q, -dy * q + dx * c
        g = torch.exp(-0.5 * ((u / std[:, 0, None, None]) ** 2 + (v / std[:, 1, None, None]) ** 2))
        g = g / (g.sum((1, 2), keepdim=True) + 1e-8)
        return (F.conv2d(f, s[p + "features.weight"]) * g).sum((2, 3)) + s[p + "bias"]

    def core(self, stim, head):
        """Last time index of the recurrent part's output."""
        x = F.conv3d(self.adapter(stim, head), self.temporal)
        x = F.conv3d(x, self.stem)
        name = "convnet.stem.components"
        x = x * torch.rsqrt((x * x).mean(1, keepdim=True) + 1e-5)
        g, b = self.s[name + ".norm.gamma"], self.s[name + ".norm.beta"]
        x = x * g.view(1, -1, 1, 1, 1) + b.view(1, -1, 1, 1, 1)
        x = self.splitrelu(x, name)
        for i in range(2):
            x = self.block(x, i)
        return self.gru(x)

    def rates(self, stim, head):
        """With what a gradient needs."""
        self.effective()
        return F.softplus(self.readout(self.core(stim, head), head))

    @torch.no_grad()
    def __call__(self, stim, head=0):
        return F.softplus(self.readout(self.core(stim, head), head))
