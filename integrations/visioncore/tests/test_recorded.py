"""Norms and penalties against numbers that an independent implementation recorded in float64 (../shared/fixtures)."""

import json
import os
import unittest

import torch
from support import ROOT, arrays, largest_difference
from vcsh_visioncore import kernel_penalty, make_norm
from vcsh_visioncore.kernels import KernelRules
from vcsh_visioncore.window import StimulusWindow, window_statistics

SHARED = os.path.join(os.path.dirname(ROOT), "shared", "fixtures")


def json_of(*path):
    with open(os.path.join(SHARED, *path)) as file:
        return json.load(file)


@unittest.skipUnless(os.path.isdir(SHARED), "../shared/fixtures is not here")
class RecordedTests(unittest.TestCase):
    def test_each_norm_has_the_recorded_outputs_and_gradients(self):
        recorded = arrays(os.path.join(SHARED, "norms", "norms.npz"))
        cases = json_of("norms", "norms.json")["cases"]
        self.assertGreater(len(cases), 15)
        for case, about in cases.items():
            with self.subTest(case):
                x = recorded["x"].double().requires_grad_()
                u = recorded["u"].double().requires_grad_()
                kind = "_".join(case.split("_")[:2]) if case.startswith("lrn") else case
                window = StimulusWindow(keeps_statistics=True)
                window._now = window_statistics(u)
                norm = make_norm(kind, x.shape[1], about["args"], window).double()
                with torch.no_grad():
                    for name in about["params"]:
                        own = getattr(norm, name)
                        own.copy_(recorded[f"param/{name}"].double().reshape(own.shape))
                y = norm(x)
                (y * recorded["cotangent"].double()).sum().backward()
                pairs = [("y", y), ("grad_x", x.grad)]
                pairs += [(f"grad_{name}", getattr(norm, name).grad) for name in about["params"]]
                if case.startswith("stimcond"):
                    pairs += [("grad_u", u.grad), ("phi", window.statistics)]
                for name, own in pairs:
                    # `hybrid_grn_instance` loses beta: its gradient is 0 but for rounding.
                    self.assertLess(largest_difference(own, recorded[f"{case}/{name}"]), 1e-5, f"{case}/{name}")

    def test_each_penalty_has_the_recorded_value_and_gradient(self):
        recorded = arrays(os.path.join(SHARED, "penalties", "penalties.npz"))
        values = json_of("penalties", "penalties.json")["values"]
        for twin, own in values.items():
            for name, value in own.items():
                with self.subTest(f"{twin} {name}"):
                    kernels = recorded[f"{twin}/effective"].double().requires_grad_()
                    found = kernel_penalty(name, kernels, 120)
                    found.backward()
                    self.assertLess(abs(float(found.detach()) - value), 1e-5 * max(1, abs(value)))
                    slope = recorded[f"{twin}/{name}/grad_effective"]
                    self.assertLess(largest_difference(kernels.grad, slope), 1e-5)

    def test_projections_have_the_recorded_kernels_and_gradients(self):
        recorded = arrays(os.path.join(SHARED, "penalties", "penalties.npz"))
        for kind in ("mean", "window"):
            for masked in (0, 2):
                name = f"twin/project_{kind}_N{masked}"
                with self.subTest(name):
                    conv = torch.nn.Conv3d(1, 4, (12, 1, 1))
                    window = recorded["twin/window"].float()
                    stored = recorded["twin/stored"].float().view(4, 1, 12, 1, 1).requires_grad_()
                    kernels = KernelRules(conv, masked, kind, window, False)(stored * window.view(1, 1, 12, 1, 1))
                    (kernels.reshape(-1) * torch.linspace(-1, 1, 48)).sum().backward()
                    self.assertLess(largest_difference(kernels, recorded[f"{name}/kernel"]), 1e-5)
                    self.assertLess(largest_difference(stored.grad, recorded[f"{name}/grad_stored"]), 1e-5)


if __name__ == "__main__":
    unittest.main()
