"""Lets vcsh watch a Lightning training: one callback in the training script."""

from .callback import VcshWatch

__all__ = ["VcshWatch"]
