"""Times `gather` on 1,000 workspaces, each with a twin and its 48 scores, and kills it in the middle.

The workspaces are made by vcsh, one at a time: each has another twin (its kernels are scaled a little) and its evaluation, which
takes some minutes. A gather that was killed with SIGKILL, and run again, must leave the same rows as one that was not. Usage:
bench/gather.py [COUNT]
"""
import concurrent.futures
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
VCSH = ROOT / ".build" / "release" / "vcsh"
TEMPLATE = ROOT / "workspace-template"


def vcsh(*arguments):
    subprocess.run([VCSH, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make(folder, count):
    seed = folder / "seed"
    vcsh("init", seed)
    vcsh("-w", seed, "-c", f"open '{TEMPLATE}/checkpoints/twin.ckpt' as twin; open '{TEMPLATE}/recordings/Sim_2025-01-17' as sim")

    def one(number):
        place = folder / "others" / f"w{number:04}"
        subprocess.run(["cp", "-r", "--reflink=auto", seed, place], check=True)
        vcsh("-w", place, "-c",
             f"edit twin as tuned kernels scale={1 + number / 10000}; eval tuned on sim/gaborium as scores")

    (folder / "others").mkdir()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, range(count)))


def home(folder, name):
    place = folder / name
    vcsh("init", place)
    return place


def rows(place):
    """What was gathered, without the numbers that only order it."""
    with sqlite3.connect(f"file:{place}/workspace.sqlite?mode=ro", uri=True) as database:
        found = {
            "entries": database.execute("select session, started, source, status, result from entry where source not like 'gather%'"),
            "scores": database.execute(
                "select e.session, e.started, m.session, m.stimulus, m.split, m.cid, m.metric, m.value from metric m"
                " join entry e on e.id = m.entry"),
            "names": database.execute("select name from name"),
        }
        return {key: sorted(map(str, cursor.fetchall())) for key, cursor in found.items()}


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        start = time.perf_counter()
        make(folder, count)
        print(f"{count} workspaces made in {time.perf_counter() - start:.0f} s", flush=True)
        gather = ["-c", f"gather '{folder}/others' | summarize sum(entries), sum(scores)"]

        whole = home(folder, "whole")
        start = time.perf_counter()
        vcsh("-w", whole, *gather)
        seconds = time.perf_counter() - start
        start = time.perf_counter()
        vcsh("-w", whole, *gather)
        print(f"gather: {seconds:.1f} s; again, with nothing new: {time.perf_counter() - start:.1f} s", flush=True)

        killed = home(folder, "killed")
        process = subprocess.Popen([VCSH, "-w", killed, *gather], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds / 2)
        process.send_signal(signal.SIGKILL)
        process.wait()
        before = rows(killed)
        vcsh("-w", killed, *gather)
        expected, found = rows(whole), rows(killed)
        for key, value in expected.items():
            print(f"{key}: {len(before[key])} when it was killed, {len(found[key])} after the next gather, {len(value)} without a kill")
        if found != expected:
            sys.exit("the killed gather left other rows")


if __name__ == "__main__":
    main()
