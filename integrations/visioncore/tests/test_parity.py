"""Each part's outputs and gradients against those of the program vcsh, on the same inputs, there and back.

A zoo twin is edited by vcsh, exported as safetensors and loaded into the stand-in with its parts; there every parameter is
moved away from its start; the checkpoint goes back to vcsh, which runs `forward` and `gradients` on it.
"""

import tempfile
import unittest

import numpy as np
import torch
from support import TOLERANCE, Workspace, arrays, largest_difference, read_yaml, scatter, zoo
from standin import StandIn
from vcsh_visioncore import (
    Objective, add_parts, kernel_penalty, load_export, mean_counts, read_export, visioncore_configuration)

WINDOWED, PLAIN = "learned_resnet_none_none_gaussian", "syn_baseline_relu_dsover"
STEM, BLOCK = "convnet.params.stem_config", "convnet.params.block_configs.0"

#: So that a case takes a second.
SMALLER = {WINDOWED: ["adapter.params.grid_size=29"], PLAIN: ["adapter.params.grid_size=15"]}

#: What is edited, of which twin.
EDITS = {
    "nothing": (WINDOWED, []),
    "lag mask": (WINDOWED, ["frontend.params.lag_mask=3"]),
    "tap mask": (WINDOWED, ["frontend.params.tap_mask=3"]),
    "tap mask of a plain kernel": (PLAIN, ["frontend.params.tap_mask=2"]),
    "zero sum": (WINDOWED, ["frontend.params.zero_sum=mean"]),
    "zero sum under the window": (WINDOWED, ["frontend.params.zero_sum=window", "frontend.params.tap_mask=2"]),
    "weight norm, zero sum": (WINDOWED, ["frontend.params.use_weight_norm=true", "frontend.params.zero_sum=window"]),
    "delay": (PLAIN, ["frontend.params.delay=true"]),
    "delay, then mask and zero sum": (
        WINDOWED, ["frontend.params.delay=true", "frontend.params.tap_mask=1", "frontend.params.zero_sum=mean"]),
    "dilation": (WINDOWED, ["frontend.params.kernel_size=7", "frontend.params.dilation=2"]),
    "temporal pool": (WINDOWED, ["frontend.params.temporal_pool=3"]),
    "exponential temporal pool": (
        PLAIN, ["frontend.params.temporal_pool=2", "frontend.params.temporal_pool_type=exponential"]),
    "lrn over channels": (
        WINDOWED, [f"{BLOCK}.norm_type=lrn_channel", f"{BLOCK}.norm_params={{size: 4, alpha: 1, beta: 0.6, k: 0.5}}"]),
    "lrn over pixels": (PLAIN, [f"{BLOCK}.norm_type=lrn_spatial", f"{BLOCK}.norm_params={{size: 4, alpha: 1}}"]),
    "lrn over pixels of all channels": (
        PLAIN, [f"{BLOCK}.norm_type=lrn_spatial", f"{BLOCK}.norm_params={{size: 3, alpha: 1, pool_channels: true}}"]),
    "stimulus-conditioned": (WINDOWED, [f"{STEM}.norm_type=stimcond"]),
    "stimulus-conditioned rms": (PLAIN, [f"{BLOCK}.norm_type=stimcond_rms"]),
    "stimulus-conditioned instance, masked": (
        WINDOWED, [f"{BLOCK}.norm_type=stimcond_instance", f"{BLOCK}.norm_params={{hidden: 5}}", "frontend.params.lag_mask=2"]),
    "temporal, frames": (WINDOWED, [f"{BLOCK}.norm_type=temporal_global_past"]),
    "temporal, frames by index": (PLAIN, [f"{BLOCK}.norm_type=temporal_global_index"]),
    "temporal, pixels": (PLAIN, [f"{BLOCK}.norm_type=temporal_local_past", f"{BLOCK}.norm_params={{tau_min: 0.5}}"]),
    "temporal, pixels by index": (WINDOWED, [f"{STEM}.norm_type=temporal_local_index"]),
    "hybrid of rms and grn": (WINDOWED, [f"{BLOCK}.norm_type=hybrid_rms_grn"]),
    "hybrid of instance and grn": (PLAIN, [f"{BLOCK}.norm_type=hybrid_instance_grn"]),
    "hybrid of grn and instance": (PLAIN, [f"{BLOCK}.norm_type=hybrid_grn_instance"]),
    "hybrid of a list": (
        WINDOWED,
        [f"{BLOCK}.norm_type=hybrid",
         f"{BLOCK}.norm_params={{norms: [temporal_local_past, group, layer, lrn_channel], group: {{num_groups: 3}}}}"]),
    "mixture": (WINDOWED, [f"{BLOCK}.norm_type=mixture"]),
    "mixture per channel": (
        PLAIN, [f"{BLOCK}.norm_type=mixture_perchannel", f"{BLOCK}.norm_params={{bank: [none, grn, rms, temporal]}}"]),
    "output calibration": (WINDOWED, ["output_calibration={enabled: true}"]),
    "output calibration with types and signal": (
        PLAIN, ["output_calibration={stimuli: [gaborium, backimage], follow_stimulus: true}"]),
}


class ParityTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.workspace = Workspace(cls.folder.name)
        cls.inputs = {}
        for name in (WINDOWED, PLAIN):
            recorded = arrays(zoo(name, "io.npz"))
            counts = torch.poisson(torch.full((5, 5), 1.3), generator=torch.Generator().manual_seed(4))
            mask = (torch.rand(5, 5, generator=torch.Generator().manual_seed(5)) > 0.2).float()
            # Small windows, and more than those that were recorded, so that a batch has cells to correlate.
            own = recorded["stim"][:, :, :20, :31, :31]
            more = 0.3 * torch.randn(3, *own.shape[1:], generator=torch.Generator().manual_seed(6))
            stimulus = torch.cat([own, more])
            np.savez(cls.workspace.file(f"{name}.npz"), stim=stimulus, y=counts, dfs=mask)
            cls.inputs[name] = (stimulus, counts, mask)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def through_vcsh(self, name, edits):
        """A twin that vcsh edited and exported, in the stand-in, and the outputs that vcsh gives for it."""
        run, file = self.workspace.run, self.workspace.file
        sets = " ".join(f"--set '{edit}'" for edit in [*SMALLER.get(name, []), *edits])
        run(
            f"open {zoo(name, 'model.ckpt')} as base --config {zoo(name, 'datasets.yaml')} --replace",
            f"edit base as m {sets} --replace", f"export m {file('m.safetensors')}",
            f"forward m --input {file(name + '.npz')} --output {file('out.npz')}")
        export = read_export(file("m.safetensors"))
        model = StandIn(visioncore_configuration(export.configuration), read_yaml(zoo(name, "datasets.yaml")))
        return model, load_export(file("m.safetensors"), model), arrays(file("out.npz"))["out"]

    def save(self, model, configuration, file="moved.ckpt"):
        """The model as a checkpoint of Lightning."""
        state = {f"model.{key}": value.float() for key, value in model.state_dict().items()}
        torch.save({
            "epoch": 0, "global_step": 1, "pytorch-lightning_version": "2.6.6", "state_dict": state,
            "hyper_parameters": {"model_config_dict": configuration}}, self.workspace.file(file))

    def gradients_of_vcsh(self, name, *flags):
        """Of the checkpoint `moved.ckpt`: outputs, and for each text of flags the arrays of `gradients`."""
        file = self.workspace.file
        inputs = file(name + ".npz")
        self.workspace.run(
            f"open {file('moved.ckpt')} as moved --config {zoo(name, 'datasets.yaml')} --replace",
            f"forward moved --input {inputs} --output {file('out.npz')}",
            *(f"gradients moved --input {inputs} --output {file(f'g{index}.npz')} {text}" for index, text in enumerate(flags)))
        return arrays(file("out.npz"))["out"], [arrays(file(f"g{index}.npz")) for index in range(len(flags))]

    def assertSame(self, own, other, what):
        self.assertLess(largest_difference(own, other), TOLERANCE, what)

    def compare_gradients(self, model, stimulus, found):
        compared = 0
        for key, parameter in model.named_parameters():
            plain = key.replace("parametrizations.weight.original", "weight")
            stored = f"grad/{key}" if f"grad/{key}" in found else f"grad/{plain}"
            if parameter.grad is None:
                self.assertFalse(stored in found, f"only vcsh has {stored}")
                continue
            self.assertTrue(stored in found, f"vcsh has no {stored}")
            # The scale of an adapter sums over all pixels, and cancels: VisionCore's own float32 is no closer.
            tolerance = 10 * TOLERANCE if key.startswith("adapters") else TOLERANCE
            self.assertLess(largest_difference(parameter.grad, found[stored]), tolerance, stored)
            compared += 1
        self.assertSame(stimulus.grad, found["grad_stim"], "grad_stim")
        self.assertEqual(compared, sum(key.startswith("grad/") for key in found))

    def test_each_part_has_vcshs_outputs_and_gradients(self):
        for what, (name, edits) in EDITS.items():
            with self.subTest(what):
                stimulus, counts, mask = self.inputs[name]
                model, export, rates = self.through_vcsh(name, edits)
                with torch.no_grad():
                    self.assertSame(model(stimulus), rates, "the edited twin's outputs")
                scatter(model, seed=7)
                self.save(model, export.configuration)
                rates, (found,) = self.gradients_of_vcsh(name, "")
                # In float64, so that the rounding of one side alone is in the difference.
                model, stimulus = model.double(), stimulus.double().requires_grad_()
                own = model(stimulus)
                self.assertGreater(float(own.detach().max()), 0.01)
                self.assertSame(own, rates, "outputs")
                Objective(clamp=False)(own, counts, mask).backward()
                self.compare_gradients(model, stimulus, found)

    def test_objectives_and_penalties_have_vcshs_losses_and_gradients(self):
        objectives = [(1, 0, {}), (0.5, 0, {}), (0, 0.7, {}), (1, 0.3, {"recent_pooled_N1": 0.2, "derivative_soft": 0.05})]
        terms = (
            "lowfreq_ratio_fc15", "lowfreq_raw_fc15", "lowfreq_raw_fc15_n64", "lowfreq_ratio_fc22.5_n64", "recent_pooled_N2",
            "recent_perkernel_N3", "derivative_soft")
        cases = objectives + [(0, 0, {term: 0.1}) for term in terms]
        for name in (WINDOWED, PLAIN):
            stimulus, counts, mask = self.inputs[name]
            model, export, _ = self.through_vcsh(name, ["sampling_rate=120", "frontend.params.zero_sum=mean"])
            scatter(model, seed=8)
            self.save(model, export.configuration)
            flags = []
            for rate_weight, correlation, penalties in cases:
                text = ",".join(f"{key}={value}" for key, value in penalties.items())
                flags.append(f"--rate-weight {rate_weight} --corr {correlation}" + (f" --penalty {text}" if text else ""))
            model, parts = model.double(), export.parts
            for case, found in zip(cases, self.gradients_of_vcsh(name, *flags)[1]):
                with self.subTest(f"{name} {case}"):
                    rate_weight, correlation, penalties = case
                    stimulus = stimulus.detach().double().requires_grad_()
                    model.zero_grad()
                    loss = Objective(rate_weight, correlation, clamp=False)(
                        model(stimulus), counts, mask, mean_counts(counts, mask))
                    self.assertSame(loss, found["loss"], "loss")
                    for key, weight in penalties.items():
                        value = weight * kernel_penalty(key, parts.kernels, parts.tap_rate_hz)
                        self.assertSame(value, found[f"penalty/{key}"], key)
                        loss = loss + value
                    loss.backward()
                    self.compare_gradients(model, stimulus, found)

    def test_what_was_scattered_survives_export_and_loading(self):
        edits = [
            f"{STEM}.norm_type=hybrid_rms_grn", f"{BLOCK}.norm_type=stimcond_rms", "frontend.params.delay=true",
            "frontend.params.lag_mask=1", "output_calibration={enabled: true}"]
        model, export, _ = self.through_vcsh(WINDOWED, edits)
        scatter(model, seed=9)
        self.save(model, export.configuration)
        self.workspace.run(
            f"open {self.workspace.file('moved.ckpt')} as moved --config {zoo(WINDOWED, 'datasets.yaml')} --replace",
            f"export moved {self.workspace.file('moved.safetensors')}")
        heads = read_yaml(zoo(WINDOWED, "datasets.yaml"))
        other = StandIn(visioncore_configuration(export.configuration), heads)
        again = load_export(self.workspace.file("moved.safetensors"), other)
        self.assertEqual([head["cids"] for head in again.heads], [head["cids"] for head in heads])
        for key, value in model.state_dict().items():
            self.assertTrue(torch.equal(value, other.state_dict()[key]), key)

    def test_an_edit_that_vcsh_refuses_is_refused_here_too(self):
        configuration = read_yaml(zoo(WINDOWED, "config.yaml"))
        for key, value in (("tap_mask", 16), ("zero_sum", "median")):
            with self.subTest(key):
                with self.assertRaises(AssertionError):
                    self.through_vcsh(WINDOWED, [f"frontend.params.{key}={value}"])
                own = {**configuration, "frontend": {**configuration["frontend"]}}
                own["frontend"]["params"] = {**own["frontend"]["params"], key: value}
                with self.assertRaisesRegex(ValueError, f"frontend.params.{key}"):
                    add_parts(StandIn(visioncore_configuration(own), read_yaml(zoo(WINDOWED, "datasets.yaml"))), own)


if __name__ == "__main__":
    unittest.main()
