"""Times the first look at 2,664 Ray Tune trials against Python's csv module on the same files, turn by turn.

The trials are those of shared/fixtures/ray, copied until there are as many as in the public tree. Both read files that the system
has in memory. Every row: what is measured, wall time and, in brackets, processor time of all threads.
"""
import csv
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
VCSH = ROOT / ".build" / "release" / "vcsh"
SOURCE = ROOT.parent / "shared" / "fixtures" / "ray" / "ray_seen.tar.xz"
TRIALS = {"mlp_eyepos_tune": 165, "mlp_eyepos_tune_v2": 552, "two_stage_lbfgs_single_cell_sparsity": 1947}


def unpack(folder):
    with tarfile.open(SOURCE) as archive:
        archive.extractall(folder / "seen", filter="data")
    runs = folder / "runs"
    for name, count in TRIALS.items():
        seen = sorted(path for path in (folder / "seen" / name).iterdir() if path.is_dir())
        for number in range(count):
            source = seen[number % len(seen)]
            again = f"_{number // len(seen)}" if number >= len(seen) else ""
            shutil.copytree(source, runs / name / (source.name + again))
    return runs


def read(runs):
    """What csv.reader takes for every row of every table, with the walk that finds them."""
    start, used = time.perf_counter(), time.process_time()
    rows = 0
    for folder, _, names in os.walk(runs):
        if "progress.csv" in names:
            with open(os.path.join(folder, "progress.csv"), newline="") as file:
                rows += sum(1 for _ in csv.reader(file))
    return time.perf_counter() - start, time.process_time() - used


def vcsh(*arguments):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([VCSH, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, used


def main():
    if not SOURCE.exists():
        print("the Ray trials are not here: their rows are left out")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        runs = unpack(folder)
        rows = {"csv.reader": [], "first look": [], "second look": [], "start alone": []}
        for turn in range(8):
            workspace = folder / f"ws{turn}"
            vcsh("init", workspace)
            found = {
                "csv.reader": read(runs), "first look": vcsh("-w", workspace, "-c", f"open '{runs}' as logs | head 1"),
                "second look": vcsh("-w", workspace, "-c", "runs logs | head 1"),
                "start alone": vcsh("-w", workspace, "-c", "let x = 1"),
            }
            if turn:
                for key, value in found.items():
                    rows[key].append(value)
        print(f"{sum(TRIALS.values())} Ray trials, wall (processor) time; medians of interleaved runs")
        middle = {key: [statistics.median(x[k] for x in values) for k in (0, 1)] for key, values in rows.items()}
        theirs = middle["csv.reader"]
        for key, (wall, used) in middle.items():
            ratio = "" if key == "csv.reader" else f"{wall / theirs[0]:>8.2f} ({used / theirs[1]:.2f})"
            print(f"{key:<20}{wall * 1e3:>9.1f} ({used * 1e3:>7.1f}) ms{ratio}")


if __name__ == "__main__":
    sys.exit(main())
