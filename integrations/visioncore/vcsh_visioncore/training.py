"""A Lightning callback: what the parts add to a training step."""

import torch
from lightning.pytorch.callbacks import Callback

from .kernels import project_zero_sum
from .penalties import kernel_penalty, read_terms


class TrainParts(Callback):
    """Penalties on the frontend's kernels, the pull of an output calibration, and the projection after a step.

    The penalties' gradients join those of the loss right before each optimiser step, so that clipping sees both, and batches
    that are accumulated count the penalty once. Their values are logged as `reg_loss/NAME`. Checkpoints get the whole
    configuration, so that vcsh opens them with their parts.

    Args:
        parts: as `add_parts` returned them.
        penalties: `"lowfreq_ratio_fc15=0.05,recent_pooled_N1=0.1"`, or a dict of weights by name.
        zero_sum_kernels: after each step, make every kernel sum to 0 by changing the stored one.

    Raises:
        ValueError: for an unknown penalty, a model without such kernels, or a projection that a learned delay would undo.
    """

    def __init__(self, parts, penalties=None, zero_sum_kernels=False):
        super().__init__()
        self.parts = parts
        self.penalties = read_terms(penalties) if isinstance(penalties, str) else dict(penalties or {})
        self.zero_sum_kernels = zero_sum_kernels
        if zero_sum_kernels and parts.frontend_params.get("delay"):
            raise ValueError("a learned delay moves the kernels after the projection: set frontend.params.zero_sum instead")
        if zero_sum_kernels:
            parts.filters
        self.terms()

    def terms(self):
        """The terms by name, each times its weight, with their gradients."""
        found = {
            name: weight * kernel_penalty(name, self.parts.kernels, self.parts.tap_rate_hz)
            for name, weight in self.penalties.items()}
        if self.parts.pull_weight > 0:
            found["output_calibration"] = self.parts.pull_weight * self.parts.pull()
        return found

    def on_before_optimizer_step(self, trainer, pl_module, optimizer):
        with torch.enable_grad():
            terms = self.terms()
        if not terms:
            return
        moved = [parameter for group in optimizer.param_groups for parameter in group["params"] if parameter.requires_grad]
        total = sum(terms.values())
        if total.requires_grad:
            slopes = torch.autograd.grad(total, moved, allow_unused=True)
            for parameter, slope in zip(moved, slopes):
                if slope is not None:
                    parameter.grad = slope if parameter.grad is None else parameter.grad + slope
        pl_module.log_dict({f"reg_loss/{name}": value.detach() for name, value in terms.items()})

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        if self.zero_sum_kernels:
            project_zero_sum(self.parts.filters, self.parts.frontend_params)

    def on_save_checkpoint(self, trainer, pl_module, checkpoint):
        checkpoint.setdefault("hyper_parameters", {})["model_config_dict"] = self.parts.configuration
