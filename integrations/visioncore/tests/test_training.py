"""Toy trainings with Lightning, one with each part; and the checkpoint of one of them in vcsh."""

import copy
import logging
import tempfile
import unittest
import warnings

import numpy as np
import torch
from support import Workspace, arrays, largest_difference, scatter
from lightning.pytorch import LightningModule, Trainer
from standin import StandIn
from vcsh_visioncore import Objective, TrainParts, add_parts, kernel_penalty, mean_counts, visioncore_configuration

logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)

HEADS = [{"session": "Toy_2025-01-10", "cids": [0, 1, 2]}, {"session": "Toy_2025-01-17", "cids": [0, 1]}]
CONFIGURATION = {
    "model_type": "v1multi", "sampling_rate": 120, "initial_input_channels": 1, "adapter": {"type": "none", "params": {}},
    "frontend": {
        "type": "learnable_temporal", "params": {"kernel_size": 6, "num_channels": 4, "aa_signal": True, "causal": True,
                                                 "bias": False, "aa_window_kwargs": {"power": 0.5}}},
    "convnet": {
        "type": "vanilla", "params": {
            "channels": [6], "block_configs": [{
                "conv_params": {"type": "standard", "kernel_size": [2, 3, 3], "padding": [0, 1, 1]},
                "norm_type": "rms", "act_type": "relu", "dropout": 0.0, "pool_params": None}]}},
    "modulator": {"type": "none", "params": {}}, "recurrent": {"type": "none", "params": {}},
    "readout": {"type": "gaussian", "params": {"n_units": 8, "bias": True}}, "output_activation": "softplus",
}
BLOCK = "convnet.params.block_configs.0"


def edited(options):
    configuration = copy.deepcopy(CONFIGURATION)
    for path, value in options.items():
        node = configuration
        *keys, last = path.split(".")
        for key in keys:
            node = node[int(key)] if key.isdigit() else node[key]
        node[last] = value
    return configuration


class Toy(LightningModule):
    """A training as VisionCore's: a batch has a part of each session, each with its own loss."""

    def __init__(self, configuration, objective):
        super().__init__()
        torch.manual_seed(2)
        self.model = StandIn(visioncore_configuration(configuration), HEADS)
        self.objective = objective
        self.losses = []

    def training_step(self, batch, index):
        losses = []
        for head, (stimulus, counts) in enumerate(batch):
            losses.append(self.objective(self.model(stimulus, head), counts, means=mean_counts(counts)))
        loss = torch.stack(losses).mean()
        self.losses.append(float(loss.detach()))
        return loss

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=0.02)


def batches(count=6, samples=8):
    generator = torch.Generator().manual_seed(1)
    for _ in range(count):
        yield [
            (0.3 * torch.randn(samples, 1, 9, 8, 8, generator=generator),
             torch.poisson(torch.full((samples, len(head["cids"])), 0.8), generator=generator)) for head in HEADS]


class Batches(torch.utils.data.IterableDataset):
    def __iter__(self):
        return batches()


def train(configuration, folder, objective=None, penalties=None, zero_sum_kernels=False, **settings):
    module = Toy(configuration, objective or Objective())
    parts = add_parts(module, configuration)
    callback = TrainParts(parts, penalties=penalties, zero_sum_kernels=zero_sum_kernels)
    start = {key: value.detach().clone() for key, value in module.model.state_dict().items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = Trainer(
            max_epochs=1, accelerator="cpu", devices=1, logger=False, enable_checkpointing=False, callbacks=[callback],
            enable_progress_bar=False, enable_model_summary=False, default_root_dir=folder, **settings)
        trainer.fit(module, torch.utils.data.DataLoader(Batches(), batch_size=None))
    moved = [key for key, value in module.model.state_dict().items() if not torch.equal(value, start[key])]
    return module, parts, moved, trainer


class TrainingTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_parameters_of_each_part_move_and_the_loss_stays_finite(self):
        norm = {
            "lrn_channel": [], "lrn_spatial": [], "stimcond_none": ["W1", "W2", "b2"], "stimcond_rms": ["W2"],
            "stimcond_instance": ["W2"], "temporal_global_past": ["rho", "q", "tg", "tb"],
            "temporal_local_index": ["rho", "q", "tg", "tb"], "hybrid_rms_grn": ["gamma", "beta", "rms_g", "rms_b"],
            "hybrid_instance_grn": ["gamma", "beta"], "mixture": ["theta", "gamma", "rms_g"], "mixture_perchannel": ["theta_c"]}
        cases = [({f"{BLOCK}.norm_type": kind}, [f"components.norm.{name}" for name in names]) for kind, names in norm.items()]
        cases += [
            ({"frontend.params.lag_mask": 2}, []), ({"frontend.params.tap_mask": 2}, []),
            ({"frontend.params.zero_sum": "mean"}, []), ({"frontend.params.zero_sum": "window"}, []),
            ({"frontend.params.delay": True}, ["temporal_conv.conv.delay"]),
            ({"frontend.params.kernel_size": 3, "frontend.params.dilation": 2}, []),
            ({"frontend.params.temporal_pool": 2}, []),
            ({"frontend.params.temporal_pool": 2, "frontend.params.temporal_pool_type": "exponential"}, ["temporal_pool.rho"]),
            ({"output_calibration": {"stimuli": ["gaborium"], "follow_stimulus": True}},
             ["1.calibration.log_gain", "1.calibration.offset", "0.calibration.gain_slope"])]
        for options, names in cases:
            with self.subTest(str(options)):
                module, _, moved, _ = train(edited(options), self.folder)
                self.assertEqual(len(module.losses), 6)
                self.assertTrue(all(map(torch.isfinite, map(torch.tensor, module.losses))))
                for name in names + ["frontend.temporal_conv.conv.parametrizations.weight.original", "readouts.0.bias"]:
                    self.assertTrue(any(key.endswith(name) for key in moved), f"{name} did not move")

    def test_masks_and_sums_hold_after_training(self):
        _, parts, _, _ = train(edited({"frontend.params.tap_mask": 2, "frontend.params.zero_sum": "mean"}), self.folder)
        kernels = parts.kernels.detach()
        self.assertEqual(float(kernels[:, :2].abs().max()), 0)
        self.assertGreater(float(kernels.abs().max()), 0.01)
        self.assertLess(float(kernels.sum(1).abs().max()), 1e-6)

    def test_a_lag_mask_hides_the_newest_frames(self):
        module, _, _, _ = train(edited({"frontend.params.lag_mask": 2}), self.folder)
        first = next(batches())[0][0]
        newest, older = first.clone(), first.clone()
        newest[:, :, :2] += 1
        older[:, :, 5] += 1
        with torch.no_grad():
            rates = module.model(first)
            self.assertTrue(torch.equal(module.model(newest), rates))
            self.assertFalse(torch.equal(module.model(older), rates))

    def test_the_projection_after_a_step_makes_kernels_sum_to_0(self):
        _, parts, _, _ = train(edited({"frontend.params.tap_mask": 1}), self.folder, zero_sum_kernels=True)
        self.assertLess(float(parts.kernels.detach().sum(1).abs().max()), 1e-5)
        _, free, _, _ = train(edited({"frontend.params.tap_mask": 1}), self.folder)
        self.assertGreater(float(free.kernels.detach().sum(1).abs().max()), 1e-2)

    def test_each_penalty_makes_its_own_value_smaller(self):
        for name in ("lowfreq_ratio_fc25", "lowfreq_raw_fc25", "recent_pooled_N2", "recent_perkernel_N2", "derivative_soft"):
            with self.subTest(name):
                def value(penalties):
                    _, parts, _, trainer = train(CONFIGURATION, self.folder, penalties=penalties)
                    if penalties:
                        self.assertIn(f"reg_loss/{name}", trainer.logged_metrics)
                    return float(kernel_penalty(name, parts.kernels.detach(), parts.tap_rate_hz))
                self.assertLess(value(f"{name}=5"), 0.95 * value(None))

    def test_a_penalty_counts_once_in_a_step_of_several_batches(self):
        # One step of 6 batches, by SGD at rate 1 and without a loss: the kernel moves by its penalty's gradient.
        class Silent(Objective):
            def forward(self, outputs, counts, mask=None, means=None):
                return 0 * outputs.sum()

        optimizer = Toy.configure_optimizers
        Toy.configure_optimizers = lambda self: torch.optim.SGD(self.parameters(), lr=1.0)
        try:
            module, parts, _, _ = train(
                CONFIGURATION, self.folder, Silent(), {"derivative_soft": 0.01}, accumulate_grad_batches=6)
        finally:
            Toy.configure_optimizers = optimizer
        start = Toy(CONFIGURATION, Objective())
        conv = start.model.frontend.temporal_conv.conv
        (0.01 * kernel_penalty("derivative_soft", conv.weight.reshape(4, 6), 120)).backward()
        expected = conv.parametrizations.weight.original - conv.parametrizations.weight.original.grad
        self.assertLess(largest_difference(parts.filters.parametrizations.weight.original, expected), 1e-6)

    def test_rate_weights_and_the_correlation_train(self):
        plain = train(CONFIGURATION, self.folder)[0].losses
        for objective in (Objective(rate_weight=1), Objective(correlation=0.5), Objective(rate_weight=0.5, correlation=0.2)):
            losses = train(CONFIGURATION, self.folder, objective)[0].losses
            self.assertTrue(all(map(torch.isfinite, map(torch.tensor, losses))))
            self.assertNotEqual(losses, plain)

    def test_the_pull_holds_a_calibration_at_the_identity(self):
        def size(pull):
            _, parts, _, _ = train(edited({"output_calibration": {"enabled": True, "pull": pull}}), self.folder)
            return float(parts.pull().detach())
        self.assertLess(size(1000.0), 0.7 * size(0.0))

    def test_a_row_of_a_calibration_is_that_of_the_stimulus(self):
        configuration = edited({"output_calibration": {"stimuli": ["gaborium", "gratings"]}})
        module = Toy(configuration, Objective())
        parts = add_parts(module, configuration)
        with torch.no_grad():
            parts.calibrations[0].log_gain[2] = 0.5
            stimulus = next(batches())[0][0]
            plain = module.model(stimulus)
            parts.stimulus = ["gratings"] + ["backimage"] * 7
            rates = module.model(stimulus)
        self.assertTrue(torch.allclose(rates[0], plain[0] * torch.tensor(0.5).exp()))
        self.assertTrue(torch.equal(rates[1:], plain[1:]))

    def test_vcsh_opens_the_checkpoint_of_a_training_with_parts(self):
        configuration = edited({
            f"{BLOCK}.norm_type": "hybrid_rms_grn", "frontend.params.lag_mask": 1, "frontend.params.delay": True,
            "output_calibration": {"follow_stimulus": True}})
        module, _, _, trainer = train(configuration, self.folder)
        workspace = Workspace(self.folder)
        trainer.save_checkpoint(workspace.file("last.ckpt"))
        with open(workspace.file("sessions.yaml"), "w") as file:
            file.write("".join(f"- session: {head['session']}\n  cids: {head['cids']}\n" for head in HEADS))
        stimulus = next(batches())[1][0]
        np.savez(workspace.file("in.npz"), stim=stimulus)
        workspace.run(
            f"open {workspace.file('last.ckpt')} as t --config {workspace.file('sessions.yaml')}",
            f"forward t --input {workspace.file('in.npz')} --output {workspace.file('out.npz')} --head 1")
        with torch.no_grad():
            rates = module.model(stimulus, 1)
        self.assertLess(largest_difference(rates, arrays(workspace.file("out.npz"))["out"]), 1e-5)

    def test_wrong_options_are_refused_with_their_place(self):
        wrong = [
            ({f"{BLOCK}.norm_type": "lrm"}, "unknown norm `lrm`"),
            ({f"{BLOCK}.norm_type": "lrn_channel", f"{BLOCK}.norm_params": {"alfa": 1}}, "unknown options alfa"),
            ({f"{BLOCK}.norm_type": "hybrid_rms_rms"}, "stands there twice"),
            ({"frontend.params.tap_mask": 6}, "the largest mask is 5"),
            ({"frontend.params.temporal_pool": 2, "frontend.params.temporal_pool_type": "max"}, "known: mean, exponential"),
            ({"output_calibration": {"enabled": True}, "output_activation": "none"}, "log rates")]
        for options, text in wrong:
            with self.subTest(str(options)), self.assertRaisesRegex(ValueError, text):
                configuration = edited(options)
                plain = {**visioncore_configuration(configuration), "output_activation": "softplus"}
                add_parts(StandIn(plain, HEADS), configuration)
        parts = add_parts(StandIn(CONFIGURATION, HEADS), CONFIGURATION)
        for penalties in ("lowfreq=1", "recent_pooled_N9=1", "derivative_soft", "derivative_soft=-1"):
            with self.assertRaises(ValueError):
                TrainParts(parts, penalties=penalties)

    def test_a_copy_of_a_model_answers_alike_and_is_its_own(self):
        configuration = edited({
            f"{BLOCK}.norm_type": "hybrid_rms_grn", "frontend.params.lag_mask": 1, "frontend.params.delay": True,
            "frontend.params.temporal_pool": 2, "output_calibration": {"follow_stimulus": True}})
        model = StandIn(visioncore_configuration(configuration), HEADS)
        add_parts(model, configuration)
        scatter(model, seed=3)
        stimulus = next(batches())[0][0]
        with torch.no_grad():
            rates = model(stimulus)
            twin = copy.deepcopy(model)
            self.assertTrue(torch.equal(twin(stimulus), rates))
            scatter(twin, seed=4)
            changed = twin(stimulus)
            self.assertFalse(torch.equal(changed, rates))
            self.assertTrue(torch.equal(model(stimulus), rates))
            model.load_state_dict(twin.state_dict())
            self.assertTrue(torch.equal(model(stimulus), changed))

    def test_a_model_without_vcshs_options_stays_as_it_is(self):
        model = StandIn(CONFIGURATION, HEADS)
        before = {key: value.clone() for key, value in model.state_dict().items()}
        stimulus = next(batches())[0][0]
        rates = model(stimulus)
        add_parts(model, CONFIGURATION)
        self.assertEqual(list(model.state_dict()), list(before))
        self.assertTrue(torch.equal(model(stimulus), rates))


if __name__ == "__main__":
    unittest.main()
