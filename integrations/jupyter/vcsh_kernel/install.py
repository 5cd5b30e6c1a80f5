"""Installs the kernelspec `vcsh`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager

NAME = "vcsh"


def kernelspec() -> dict:
    return {
        "argv": [sys.executable, "-m", "vcsh_kernel", "-f", "{connection_file}"],
        "display_name": "vcsh",
        "language": "vcsh",
        # The kernel is told; it tells vcsh, which ends what runs and keeps the session.
        "interrupt_mode": "message",
        "metadata": {"debugger": False},
    }


def install(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m vcsh_kernel install", description=__doc__)
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--user", action="store_true", help="for this user (the default)")
    place.add_argument("--sys-prefix", action="store_true", help="in this Python's own environment")
    place.add_argument("--prefix", help="under this folder")
    given = parser.parse_args(arguments)
    prefix = sys.prefix if given.sys_prefix else given.prefix
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "kernel.json").write_text(json.dumps(kernelspec(), indent=2) + "\n", encoding="utf-8")
        try:
            target = KernelSpecManager().install_kernel_spec(folder, NAME, user=prefix is None, prefix=prefix)
        except OSError as error:
            print(f"can't install the kernelspec: {error}", file=sys.stderr)
            return 1
    print(f"installed the kernelspec {NAME} in {target}")
    return 0
