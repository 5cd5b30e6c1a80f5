"""Reads what vcsh's `export TWIN FILE.safetensors` wrote, and loads it into a model."""

import json
from dataclasses import dataclass

import torch

from .parts import Parts, add_parts, visioncore_model
from .safetensors import read_safetensors


@dataclass
class Export:
    """A twin as vcsh exported it.

    Attributes:
        tensors: by the names of the checkpoint, without `model.`.
        configuration: the whole model configuration.
        heads: the sessions in the order of the readouts, each with its `session` and `cids`.
        parts: what the model has that VisionCore lacks; None until it was loaded into a model.
    """

    tensors: dict
    configuration: dict
    heads: list
    parts: Parts | None = None


def read_export(path):
    """The export at a path, without a model.

    Raises:
        ValueError: for a file that is damaged, or is no export of vcsh.
    """
    tensors, metadata = read_safetensors(path)
    texts = [metadata.get(key) for key in ("model_config_dict", "vcsh_heads")]
    try:
        configuration, heads = (json.loads(text) if text else None for text in texts)
    except ValueError as error:
        raise ValueError(f"{path}: the metadata is not readable: {error}") from None
    if not isinstance(configuration, dict) or not isinstance(heads, list):
        raise ValueError(f"{path}: has no model configuration and heads: export it with vcsh's `export TWIN {path}`")
    return Export({_plain(name): tensor for name, tensor in tensors.items()}, configuration, heads)


def _plain(name):
    """A tensor's name without what Lightning and torch.compile put before it."""
    return name.removeprefix("model.").removeprefix("_orig_mod.")


def load_export(path, model):
    """Loads an export into a VisionCore model; a model without parts first gets those of the export's configuration.

    Every tensor of the file must find its place, and every one of the model must be in the file. Shapes that differ only in
    axes of length 1 are the same: `(C,)` and `(1, C, 1, 1, 1)`.

    Args:
        path: of the `.safetensors` file.
        model: as for `add_parts`, built from `visioncore_configuration(read_export(path).configuration)`.

    Returns:
        The `Export`, with its `parts`.

    Raises:
        ValueError: for a file that is damaged, or does not fit the model.
    """
    export = read_export(path)
    core = visioncore_model(model)
    own = getattr(core, "_vcsh_parts", None)
    export.parts = own[0] if own else add_parts(core, export.configuration)
    expected = core.state_dict()
    missing = [name for name in expected if name not in export.tensors]
    unknown = [name for name in export.tensors if name not in expected]
    if missing or unknown:
        texts = [
            f"{what}: {', '.join(names[:3])}{' …' if len(names) > 3 else ''}"
            for what, names in (("not in the file", missing), ("not in the model", unknown)) if names]
        raise ValueError(f"{path} does not fit the model; {'; '.join(texts)}")
    values = {}
    for name, tensor in export.tensors.items():
        shape = expected[name].shape
        if [size for size in tensor.shape if size != 1] != [size for size in shape if size != 1]:
            raise ValueError(f"{path}: `{name}` has the shape {tuple(tensor.shape)}, the model's has {tuple(shape)}")
        values[name] = tensor.reshape(shape).to(expected[name].dtype)
    with torch.no_grad():
        core.load_state_dict(values, strict=True)
    return export
