"""What the tests share: the built program, and workspaces to try it in."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
VCSH = os.environ.setdefault("VCSH", str(PROJECT / ".build" / "release" / "vcsh"))
TEMPLATE = PROJECT / "workspace-template"
RECORDING = TEMPLATE / "recordings" / "Sim_2025-01-17"
CHECKPOINT = TEMPLATE / "checkpoints" / "twin.ckpt"


def workspace() -> tempfile.TemporaryDirectory:
    """A new workspace in a folder that goes with the returned value."""
    folder = tempfile.TemporaryDirectory(prefix="vcsh-jupyter-")
    subprocess.run([VCSH, "init", folder.name], check=True, capture_output=True)
    return folder
