"""A Lightning callback that starts `vcsh watch` on the training's own folder."""

import os
import shutil
import subprocess
import warnings

from lightning.pytorch.callbacks import Callback


class VcshWatch(Callback):
    """Runs `vcsh watch` beside a training, on the folder that its logger writes to.

    The watch runs recipes on checkpoints, and writes its lines (epochs, recipes, alarms) to ``vcsh-watch.log`` in the
    workspace. It only reads the training's folder, ends by itself after the training's process, and lets the recipe on the last
    checkpoint finish. Whatever goes wrong with it, the training goes on: the callback warns.

    Args:
        workspace: folder of the vcsh workspace that keeps the results; it is made where it is missing.
        fast: recipe for checkpoints, with its parameters: ``"recipes/fast.vc --recording /data/Sim_2025-01-17"``.
        every: epochs from one checkpoint of ``fast`` to the next.
        slow: a second recipe, for what takes longer.
        slow_every: epochs from one checkpoint of ``slow`` to the next.
        config: the YAML of the sessions that the model is trained on, for checkpoints that lie away from it. Both recipes get it
            as their parameter ``config``, as ``recipes/fast.vc`` and ``recipes/slow.vc`` have it.
        folder: the folder to watch; by default that of the trainer's first logger.
        on_alarm: a command of the shell that runs at each alarm.
        program: the vcsh program.
    """

    def __init__(self, workspace, fast=None, every=3, slow=None, slow_every=12, folder=None, on_alarm=None, program="vcsh",
                 config=None):
        super().__init__()
        self.workspace = os.path.abspath(workspace)
        self.fast, self.every = fast, int(every)
        self.slow, self.slow_every = slow, int(slow_every)
        self.config = None if config is None else os.path.abspath(config)
        self.folder = folder
        self.on_alarm = on_alarm
        self.program = program
        self.process = None

    @property
    def log_path(self):
        """The file with the lines of the watch."""
        return os.path.join(self.workspace, "vcsh-watch.log")

    def command(self, folder):
        """The command that vcsh runs."""
        words = ["watch", self._quoted(folder), "--while", str(os.getpid())]
        if self.fast is not None:
            words += ["--fast", self._quoted(self._recipe(self.fast)), "--every", str(self.every)]
        if self.slow is not None:
            words += ["--slow", self._quoted(self._recipe(self.slow)), "--slow-every", str(self.slow_every)]
        if self.on_alarm is not None:
            words += ["--on-alarm", self._quoted(self.on_alarm)]
        return " ".join(words)

    def _recipe(self, recipe):
        """A recipe with its parameters, and with the sessions' YAML where it is given."""
        if self.config is None:
            return recipe
        quote = '"' if "'" in self.config else "'"
        return f"{recipe} --config {quote}{self.config}{quote}"

    @staticmethod
    def _quoted(text):
        """A text of vcsh's language: nothing in it has a meaning."""
        return '"' + str(text).replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$") + '"'

    def on_fit_start(self, trainer, pl_module):
        # One watch for all processes of a distributed training, and for all calls of fit.
        if not trainer.is_global_zero or self.process is not None:
            return
        folder = self.folder or self._logger_folder(trainer)
        if folder is None:
            warnings.warn("VcshWatch: the trainer has no logger with a folder, and `folder` was not given: nothing is watched")
            return
        program = shutil.which(self.program)
        if program is None:
            warnings.warn(f"VcshWatch: there is no program `{self.program}`: nothing is watched")
            return
        try:
            os.makedirs(folder, exist_ok=True)
            if not os.path.exists(os.path.join(self.workspace, "workspace.sqlite")):
                subprocess.run([program, "init", self.workspace], check=True, capture_output=True, text=True)
            with open(self.log_path, "w") as log:
                # A session of its own: Ctrl-C at the training is not meant for the watch, which ends after the training.
                self.process = subprocess.Popen(
                    [program, "-w", self.workspace, "-c", self.command(os.path.abspath(folder))],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        except (OSError, subprocess.SubprocessError) as error:
            warnings.warn(f"VcshWatch: nothing is watched: {getattr(error, 'stderr', None) or error}")

    @staticmethod
    def _logger_folder(trainer):
        for logger in trainer.loggers:
            folder = getattr(logger, "log_dir", None) or getattr(logger, "save_dir", None)
            if folder:
                return folder
        return None
