"""The stand-in against recorded outputs of VisionCore: what the parts are added to has VisionCore's names and arithmetic."""

import unittest

import torch
from support import arrays, read_yaml, zoo
from standin import StandIn


class StandInTests(unittest.TestCase):
    def test_it_gives_visioncores_outputs(self):
        for name in ("learned_resnet_none_none_gaussian", "syn_baseline_relu_dsover"):
            with self.subTest(name):
                model = StandIn(read_yaml(zoo(name, "config.yaml")), read_yaml(zoo(name, "datasets.yaml")))
                checkpoint = torch.load(zoo(name, "model.ckpt"), weights_only=False)
                state = {key.removeprefix("model."): value for key, value in checkpoint["state_dict"].items()}
                model.load_state_dict(state)
                recorded = arrays(zoo(name, "io.npz"))
                with torch.no_grad():
                    rates = model(recorded["stim"])
                self.assertLess(float((rates - recorded["out_0"]).abs().max()), 1e-5)


if __name__ == "__main__":
    unittest.main()
