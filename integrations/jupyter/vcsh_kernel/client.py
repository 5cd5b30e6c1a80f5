"""Speaks the protocol of `vcsh --serve` (docs/serve.md in vcsh's sources)."""

from __future__ import annotations

import itertools
import json
import os
import queue
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Iterator

PROTOCOL = 1
# Seconds for what is answered at once; generous, because machines are busy.
PATIENCE = 30.0


class ServerError(Exception):
    """vcsh can't be started, has ended, or does not answer."""


class Client:
    """One running `vcsh --serve`."""

    def __init__(self, workspace: str | None = None, program: str | None = None):
        """Starts vcsh on `workspace`, else on the nearest one at or above the current folder."""
        name = program or "vcsh"
        found = shutil.which(name)
        if found is None:
            raise ServerError(f"there is no program {name}\nhelp: put vcsh on the PATH, or set VCSH to its path")
        command = [found, "--serve"] + (["-w", workspace] if workspace else [])
        # A session of its own: Ctrl-C in a terminal comes as a request, not as a signal besides.
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            encoding="utf-8",
            errors="replace",
        )
        self._ids = itertools.count(1)
        self._boxes: dict[int, queue.SimpleQueue] = {}
        self._lock = threading.Lock()
        self._complaints: deque[str] = deque(maxlen=40)
        self._complaining = threading.Thread(target=self._read_errors, daemon=True)
        self._complaining.start()
        self.hello = self._greeting()
        threading.Thread(target=self._read_answers, daemon=True).start()

    def _greeting(self) -> dict:
        line = self._process.stdout.readline()
        try:
            hello = json.loads(line)
        except ValueError:
            raise ServerError(self._farewell()) from None
        if hello.get("protocol") != PROTOCOL:
            self._process.kill()
            raise ServerError(
                f"{self._process.args[0]} speaks version {hello.get('protocol')} of the protocol, this kernel {PROTOCOL}"
            )
        return hello

    # Reading

    def _read_answers(self) -> None:
        for line in self._process.stdout:
            message = json.loads(line)
            with self._lock:
                box = self._boxes.get(message.get("id"))
            if box is not None:
                box.put(message)
        with self._lock:
            for box in self._boxes.values():
                box.put(None)

    def _read_errors(self) -> None:
        for line in self._process.stderr:
            self._complaints.append(line)

    def _farewell(self) -> str:
        """Why vcsh is gone, in its own words where it had any."""
        try:
            status = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "vcsh does not answer"
        self._complaining.join(timeout=5)
        said = "".join(self._complaints).strip()
        return said or f"vcsh ended with status {status}"

    # Asking

    def start(self, method: str, **params) -> int:
        """Sends a request and returns its id."""
        number = next(self._ids)
        with self._lock:
            self._boxes[number] = queue.SimpleQueue()
        self._send({"id": number, "method": method, "params": params})
        return number

    def _send(self, request: dict) -> None:
        # Lone surrogates, which a notebook may hold, are no UTF-8.
        line = json.dumps(request, ensure_ascii=True) + "\n"
        try:
            with self._lock:
                self._process.stdin.write(line)
                self._process.stdin.flush()
        except (OSError, ValueError):
            raise ServerError(self._farewell()) from None

    def message(self, number: int, timeout: float | None = None) -> dict:
        """The next event of a request, or its answer, after which nothing comes."""
        box = self._boxes[number]
        while True:
            try:
                message = box.get(timeout=1.0 if timeout is None else timeout)
                break
            except queue.Empty:
                if timeout is not None:
                    raise ServerError("vcsh does not answer") from None
                if self._process.poll() is not None and box.empty():
                    raise ServerError(self._farewell()) from None
        if message is None:
            raise ServerError(self._farewell())
        if "status" in message:
            with self._lock:
                self._boxes.pop(number, None)
        return message

    def messages(self, number: int) -> Iterator[dict]:
        """All events of a request, and last its answer. Ctrl-C is handed on and ends the running execute."""
        while True:
            try:
                message = self.message(number)
            except KeyboardInterrupt:
                self.interrupt()
                continue
            yield message
            if "status" in message:
                return

    def ask(self, method: str, **params) -> dict:
        """A request that is answered at once."""
        return self.message(self.start(method, **params), timeout=PATIENCE)

    def interrupt(self) -> None:
        """Ends what runs. May be called from any thread."""
        self.ask("interrupt")

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """Ends vcsh; what runs is interrupted."""
        try:
            self.ask("shutdown")
            self._process.wait(timeout=PATIENCE)
        except (ServerError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()


def from_environment() -> Client:
    """VCSH names the program, VCSH_WORKSPACE the workspace; without them the PATH and the nearest one upward."""
    return Client(os.environ.get("VCSH_WORKSPACE") or None, os.environ.get("VCSH") or None)
