"""The parts that VisionCore lacks and vcsh has, as PyTorch modules: what was tried in vcsh trains at scale unchanged."""

from .export import Export, load_export, read_export
from .norms import make_norm
from .objectives import Objective, batch_correlation, inverse_rate_weights, masked_poisson, mean_counts
from .parts import Parts, add_parts, own_options, visioncore_configuration
from .penalties import kernel_penalty
from .training import TrainParts

__all__ = [
    "Export", "Objective", "Parts", "TrainParts", "add_parts", "batch_correlation", "inverse_rate_weights", "kernel_penalty",
    "load_export", "make_norm", "masked_poisson", "mean_counts", "own_options", "read_export", "visioncore_configuration",
]
