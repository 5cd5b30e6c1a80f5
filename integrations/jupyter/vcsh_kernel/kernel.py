"""The kernel: Jupyter's messages on one side, `vcsh --serve` on the other."""

from __future__ import annotations

import fnmatch
import time

from ipykernel.kernelbase import Kernel

from . import __version__
from .client import Client, ServerError, from_environment

DISPLAY = ["text/plain", "text/html", "image/svg+xml"]
# Rows that a table shows in a notebook; the rest is counted below it.
ROWS = 100
# Seconds of work after which its progress is shown.
PATIENCE = 1.0
HISTORY = 10_000


class VcshKernel(Kernel):
    implementation = "vcsh"
    implementation_version = __version__
    banner = "vcsh: a shell for digital twins of visual cortex. `help` lists the commands."
    language_info = {
        "name": "vcsh",
        "version": "1",
        "mimetype": "text/x-vcsh",
        "file_extension": ".vc",
        "pygments_lexer": "vcsh",
        "codemirror_mode": "shell",
        "nbconvert_exporter": "script",
    }
    _client: Client | None = None

    def _server(self) -> Client:
        """The running vcsh; it is started when it is first needed, and anew where it has ended."""
        if self._client is None or not self._client.is_running:
            self._client = from_environment()
        return self._client

    # Running

    async def do_execute(
        self,
        code,
        silent,
        store_history=True,
        user_expressions=None,
        allow_stdin=False,
        *,
        cell_meta=None,
        cell_id=None,
    ):
        try:
            server = self._server()
            number = server.start("execute", code=code, display=DISPLAY, limit=ROWS, values=False)
            progress = Progress(self)
            for message in server.messages(number):
                if "status" in message:
                    return self._reply(message, silent)
                if not silent:
                    self._show(message, progress)
        except ServerError as error:
            return self._failed("vcsh", str(error).splitlines()[0], str(error).splitlines(), silent)

    def _show(self, message: dict, progress: Progress) -> None:
        event = message["event"]
        if event == "note":
            self._stream("stderr", f"note: {message['text']}\n")
        elif event == "progress":
            progress.show(message)
        elif event == "result":
            forms = message["display"]
            if message.get("message"):
                self._stream("stdout", forms["text/plain"])
                return
            self.send_response(
                self.iopub_socket,
                "execute_result",
                {"execution_count": self.execution_count, "data": self._bundle(forms), "metadata": {}},
            )

    @staticmethod
    def _bundle(forms: dict) -> dict:
        """What a frontend may choose from: of a figure alone the picture, without the page around it."""
        forms = dict(forms)
        page = forms.get("text/html", "").strip()
        if "image/svg+xml" in forms:
            if page.startswith("<figure>") and page.endswith("</figure>") and page.count("<figure>") == 1:
                del forms["text/html"]
            else:
                del forms["image/svg+xml"]
        if forms.get("text/plain"):
            forms["text/plain"] = forms["text/plain"].removesuffix("\n")
        return forms

    def _reply(self, answer: dict, silent: bool) -> dict:
        if answer["status"] != "ok":
            error = answer["error"]
            return self._failed(error["kind"], error["message"], error.get("diagnostic", error["message"]).splitlines(), silent)
        payload = [{"source": "ask_exit", "keepkernel": False}] if answer.get("exit") else []
        return {
            "status": "ok",
            "execution_count": self.execution_count,
            "payload": payload,
            "user_expressions": {},
        }

    def _failed(self, name: str, message: str, lines: list[str], silent: bool) -> dict:
        content = {"ename": name, "evalue": message, "traceback": lines}
        if not silent:
            self.send_response(self.iopub_socket, "error", content)
        return {"status": "error", "execution_count": self.execution_count, **content}

    def _stream(self, name: str, text: str) -> None:
        self.send_response(self.iopub_socket, "stream", {"name": name, "text": text})

    async def interrupt_request(self, stream, ident, parent):
        """Comes on the control channel, in a thread of its own, while do_execute waits."""
        content = {"status": "ok"}
        try:
            if self._client is not None and self._client.is_running:
                self._client.interrupt()
        except ServerError as error:
            content = {"status": "error", "ename": "vcsh", "evalue": str(error), "traceback": []}
        self.session.send(stream, "interrupt_reply", content, parent, ident=ident)

    async def do_shutdown(self, restart):
        if self._client is not None:
            self._client.close()
            self._client = None
        return {"status": "ok", "restart": restart}

    # Questions

    async def do_complete(self, code, cursor_pos):
        try:
            answer = self._server().ask("complete", code=code, cursor=min(cursor_pos, len(code)))
        except ServerError:
            answer = {"candidates": [], "start": cursor_pos, "end": cursor_pos}
        found = answer.get("candidates", [])
        start, end = answer.get("start", cursor_pos), answer.get("end", cursor_pos)
        kinds = [{"text": one["text"], "type": one["kind"], "start": start, "end": end} for one in found]
        return {
            "status": "ok",
            "matches": [one["text"] for one in found],
            "cursor_start": start,
            "cursor_end": end,
            "metadata": {"_jupyter_types_experimental": kinds},
        }

    async def do_inspect(self, code, cursor_pos, detail_level=0, omit_sections=()):
        try:
            answer = self._server().ask(
                "inspect", code=code, cursor=min(cursor_pos, len(code)), display=["text/plain", "text/html"]
            )
        except ServerError:
            answer = {}
        return {
            "status": "ok",
            "found": answer.get("found", False),
            "data": answer.get("display", {}),
            "metadata": {},
        }

    async def do_is_complete(self, code):
        try:
            answer = self._server().ask("is_complete", code=code)
        except ServerError:
            return {"status": "unknown"}
        reply = {"status": answer.get("state", "unknown")}
        if reply["status"] == "incomplete":
            reply["indent"] = answer["indent"]
        return reply

    async def do_history(
        self, hist_access_type, output, raw, session=None, start=None, stop=None, n=None, pattern=None, unique=False
    ):
        """The workspace's history, of all its sessions; the line of an entry is its number there."""
        try:
            entries = self._server().ask("history", count=HISTORY).get("entries", [])
        except ServerError:
            entries = []
        if hist_access_type == "range":
            entries = [e for e in entries if (start or 0) <= e["entry"] and (stop is None or e["entry"] < stop)]
        elif hist_access_type == "search":
            entries = [e for e in entries if fnmatch.fnmatchcase(e["source"], pattern or "*")]
            if unique:
                entries = list({e["source"]: e for e in entries}.values())
        if n is not None and hist_access_type != "range":
            entries = entries[-n:] if n > 0 else []
        return {
            "status": "ok",
            "history": [(0, e["entry"], (e["source"], None) if output else e["source"]) for e in entries],
        }


class Progress:
    """How far long work is, on one line that changes in its place."""

    def __init__(self, kernel: VcshKernel):
        self._kernel = kernel
        self._begun = 0.0
        self._shown: str | None = None
        self._count = 0

    def show(self, event: dict) -> None:
        if event["stage"] == "begun":
            self._begun, self._shown = time.monotonic(), None
        if self._shown is None and time.monotonic() - self._begun < PATIENCE:
            return
        text = f"{event['title']}: {event['done']} of {event['total']} {event['unit']}"
        kind = "update_display_data"
        if self._shown is None:
            self._count += 1
            self._shown = f"progress-{self._kernel.execution_count}-{self._count}"
            kind = "display_data"
        self._kernel.send_response(
            self._kernel.iopub_socket,
            kind,
            {"data": {"text/plain": text}, "metadata": {}, "transient": {"display_id": self._shown}},
        )
