"""Trains a toy model with Lightning on the CPU, watched by the program that VCSH names."""

import csv
import io
import os
import subprocess
import sys
import tempfile
import time
import unittest
import warnings
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.dirname(HERE)
sys.path.insert(0, PACKAGE)
VCSH = os.environ.get("VCSH") or "vcsh"

TRAINING = '''
import sys, torch
sys.path.insert(0, sys.argv[1])
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from vcsh_lightning import VcshWatch

class Toy(LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(3, 1)
    def training_step(self, batch, index):
        loss = (self.layer(batch[0]) - batch[1]).square().mean()
        self.log("train_loss", loss)
        return loss
    def validation_step(self, batch, index):
        self.log("val_loss", (self.layer(batch[0]) - batch[1]).square().mean())
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)

torch.manual_seed(0)
x = torch.randn(64, 3)
data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, x.sum(1, keepdim=True)), batch_size=16)
folder = sys.argv[2]
watch = VcshWatch(folder + "/ws", fast=folder + "/twice.vc", every=2, program=sys.argv[3])
trainer = Trainer(
    max_epochs=4, accelerator="cpu", devices=1, logger=CSVLogger(folder, name="logs"), log_every_n_steps=1,
    callbacks=[ModelCheckpoint(save_top_k=-1, filename="{epoch}-{val_loss:.4f}"), watch], enable_progress_bar=False,
    enable_model_summary=False)
trainer.fit(Toy(), data, data)
'''

RECIPE = '''vcsh 1
param checkpoint: path = "none" "the checkpoint"
param epoch: int = 0 "its epoch"
{twice: 2 * $epoch}
'''


def text(path):
    with open(path) as file:
        return file.read()


class CallbackTest(unittest.TestCase):
    def test_training_is_watched_to_its_end(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(folder + "/twice.vc", "w") as file:
                file.write(RECIPE)
            with open(folder + "/train.py", "w") as file:
                file.write(TRAINING)
            trained = subprocess.run(
                [sys.executable, folder + "/train.py", PACKAGE, folder, VCSH], capture_output=True, text=True, timeout=600)
            self.assertEqual(trained.returncode, 0, trained.stderr)
            log = folder + "/ws/vcsh-watch.log"
            end = time.monotonic() + 120
            # The last line of the watch is its table, which it shows when it has ended.
            while time.monotonic() < end and "turns" not in text(log):
                time.sleep(0.1)
            self.assertIn("twice 6", text(log))
            run = subprocess.run(
                [VCSH, "-w", folder + "/ws", "--csv", "-c", f"open '{folder}/logs' as logs; curves logs --metric fast/twice"],
                capture_output=True, text=True)
            rows = list(csv.DictReader(io.StringIO(run.stdout[run.stdout.index("run,metric"):])))
            self.assertEqual((rows[-1]["epoch"], float(rows[-1]["value"])), ("3", 6), run.stdout + run.stderr)

    def test_training_goes_on_without_vcsh(self):
        from vcsh_lightning import VcshWatch

        with tempfile.TemporaryDirectory() as folder:
            watch = VcshWatch(folder + "/ws", program="no-such-program")
            trainer = SimpleNamespace(is_global_zero=True, loggers=[SimpleNamespace(log_dir=folder + "/logs")])
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                watch.on_fit_start(trainer, None)
            self.assertIn("there is no program", str(caught[0].message))
            self.assertIsNone(watch.process)

    def test_texts_have_no_meaning_in_the_command(self):
        from vcsh_lightning import VcshWatch

        watch = VcshWatch("ws", fast='a"b.vc', on_alarm="echo $X 'y'")
        command = watch.command("/data/it's")
        self.assertTrue(command.startswith('watch "/data/it\'s" --while '))
        self.assertIn('--fast "a\\"b.vc" --every 3', command)
        self.assertIn("--on-alarm \"echo \\$X 'y'\"", command)

    def test_recipes_get_the_sessions_configuration(self):
        from vcsh_lightning import VcshWatch

        watch = VcshWatch("ws", fast="fast.vc --recording r", slow="slow.vc", config="/data/my sessions.yaml")
        command = watch.command("/data")
        self.assertIn("--fast \"fast.vc --recording r --config '/data/my sessions.yaml'\" --every 3", command)
        self.assertIn("--slow \"slow.vc --config '/data/my sessions.yaml'\" --slow-every 12", command)


if __name__ == "__main__":
    unittest.main()
