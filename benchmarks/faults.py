"""What is left after a fault: kills at drawn instants, full and read-only disks, a folder gone.

Each fault meets one command, ``esrbench score`` of two small submissions. After it, within two
seconds, none of its processes may be there; records must be whole (``esrbench results verify``);
the same command must go on, measure nothing twice and leave nothing in the temporary folder. What
did not hold stands in the table's last column, and the program then ends with 1.

    python benchmarks/faults.py --draws 100

Full and read-only disks are small file systems, which only root can mount; they are left out else.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree

import numpy as np

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import open_dataset
from esrbench.data.images import write_png
from esrbench.results.store import ResultsStore
from esrbench.results.verify import verify
from esrbench.sandbox import tree
from esrbench.sandbox.process import runs

GONE_WITHIN = 2.0
PATIENCE = 900.0
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
MODEL = """import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        return F.interpolate(x, scale_factor=4, mode="{mode}").clamp(0, 1)

def build():
    return Net()
"""

NOISES = 60
NOISE = f"""\
Noise:
  title: Noise
  images: {NOISES}
  scales: [4]
  hr: {{folders: [Noise]}}
  lr: {{default: {{folders: [none], make: {{border: symmetric}}}}}}
  licence: none
  source: numpy
  how_to_get: made here
"""


@dataclass
class Row:
    """One kind of fault, and what did not hold after it."""

    fault: str
    times: int = 0
    ended: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        ends = ", ".join(sorted(self.ended))
        return f"| {self.fault} | {self.times} | {ends} | {'; '.join(self.wrong) or 'all held'} |"


@dataclass
class Stage:
    """Folders of one command, none of them anybody else's."""

    root: Path

    def __post_init__(self) -> None:
        for name in ("results", "cache", "tmp"):
            (self.root / name).mkdir(parents=True)
        for mode in ("bilinear", "bicubic"):
            folder = self.root / mode
            folder.mkdir()
            (folder / "submission.yaml").write_text(f"name: {mode}\nscale: 4\n")
            (folder / "model.py").write_text(MODEL.format(mode=mode))

    def start(
        self, *more: str, before: Callable[[], object] | None = None
    ) -> subprocess.Popen[str]:
        """The command, in a session of its own, as a terminal would start it.

        ``more`` are further words; ``before`` is called in its process first.
        """
        words = ["score", str(self.root / "bilinear"), str(self.root / "bicubic"), "--offline"]
        words += ["--threads", "1", "--no-timing", "--results", str(self.root / "results"), *more]
        environment = {
            **os.environ,
            "ESRBENCH_CACHE": str(self.root / "cache"),
            "ESRBENCH_LOCKS": str(self.root / "locks"),
            "TMPDIR": str(self.root / "tmp"),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "esrbench", *words],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True, preexec_fn=before,
        )  # fmt: skip

    def again(self, row: Row) -> None:
        """The same command: it goes on, and what is there afterwards is what one run leaves."""
        judge = self.start()
        text, _ = judge.communicate(timeout=PATIENCE)
        if judge.returncode not in (0, 1):
            row.wrong.append(f"the same command ends with {judge.returncode}: {text[-200:]}")
        self.look(row, text)
        records = ResultsStore(self.root / "results").records()
        names = [record.submission for record in records]
        if sorted(names) != ["bicubic", "bilinear"]:
            row.wrong.append(f"records of {', '.join(names) or 'nothing'}")
        # Torch makes itself a folder there whenever its compiler is imported.
        names_left = (path.name for path in (self.root / "tmp").iterdir())
        left = sorted(name for name in names_left if not name.startswith("torchinductor_"))
        if left:
            row.wrong.append(f"left in the temporary folder: {', '.join(left)}")

    def look(self, row: Row, text: str) -> None:
        """No traceback was printed, and every record is whole."""
        if "Traceback" in text:
            row.wrong.append(f"a traceback: {text.strip().splitlines()[-1]}")
        with contextlib.suppress(FileNotFoundError):
            faults = [f for f in verify(self.root / "results").findings if f.level == "fault"]
            row.wrong += [f"{fault.path}: {fault.sentence}" for fault in faults]


def gone(pids: list[int], row: Row) -> None:
    """None of ``pids`` runs any more, soon."""
    until = time.monotonic() + GONE_WITHIN
    while (left := [pid for pid in pids if runs(pid)]) and time.monotonic() < until:
        time.sleep(0.01)
    if left:
        row.wrong.append(f"{len(left)} processes after {GONE_WITHIN:g} s")
        for pid in left:
            os.kill(pid, signal.SIGKILL)


def killed(stage: Stage, number: signal.Signals, victim: str, within: float, row: Row) -> None:
    """One draw: ``number`` to the judge, or to a process of its runners, at a drawn instant."""
    judge = stage.start()
    time.sleep(random.uniform(0.0, within))
    family = tree.members(judge.pid)
    others = [pid for pid in family if pid != judge.pid]
    target = judge.pid if victim == "judge" or not others else random.choice(others)
    with contextlib.suppress(ProcessLookupError):
        os.kill(target, number)
    text, _ = judge.communicate(timeout=PATIENCE)
    row.times += 1
    row.ended.add(ending(judge.returncode))
    gone(family, row)
    stage.look(row, text)


def ending(code: int) -> str:
    """A command's end as the table names it."""
    return signal.Signals(-code).name if code < 0 else f"exit {code}"


@contextlib.contextmanager
def small_disk(folder: Path, size: str, *, read_only: bool = False) -> Iterator[None]:
    """``folder`` as a file system of its own that is full at once, or cannot be written."""
    mode = ",ro" if read_only else ""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}{mode}", "none", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def on_a_disk(name: str, size: str, *, read_only: bool = False) -> Callable[[Stage, Row], None]:
    """The command while its folder ``name`` is such a disk."""

    def fault(stage: Stage, row: Row) -> None:
        folder = stage.root / name
        folder.mkdir(parents=True, exist_ok=True)
        with small_disk(folder, size, read_only=read_only):
            run_through(stage, row)
        for path in (stage.root / "results").glob("*.json"):
            path.unlink()  # what went into the other folders while one was full

    return fault


def run_through(stage: Stage, row: Row, before: Callable[[], object] | None = None) -> None:
    """The command from start to end; ``before`` runs in its process first."""
    judge = stage.start(before=before)
    time.sleep(0.5)
    family = tree.members(judge.pid)
    text, _ = judge.communicate(timeout=PATIENCE)
    row.ended.add(ending(judge.returncode))
    gone(family, row)
    stage.look(row, text)


def file_size_limit(stage: Stage, row: Row) -> None:
    """No file may grow beyond a page: as `ulimit -f` has it in many clusters' shells."""
    run_through(stage, row, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
    for path in (stage.root / "results").glob("*.json"):
        path.unlink()


def dataset_changed(stage: Stage, row: Row) -> None:
    """An image of the test set is replaced while the command scores it."""
    root, catalogue = stage.root / "data", stage.root / "noise.yaml"
    catalogue.write_text(NOISE)
    for seed in range(NOISES):
        noise = np.random.default_rng(seed).integers(0, 255, (64, 64, 3), np.uint8)
        write_png(root / "Noise" / f"{seed}.png", noise)
    judge = stage.start(
        "-d", "Noise", "--data-root", str(root), "--datasets", str(catalogue),
    )  # fmt: skip
    time.sleep(3.0)
    for seed in range(NOISES):
        write_png(root / "Noise" / f"{seed}.png", np.full((64, 64, 3), 200, np.uint8))
    text, _ = judge.communicate(timeout=PATIENCE)
    row.ended.add(ending(judge.returncode))
    stage.look(row, text)
    now = open_dataset("Noise", 4, data_root=root, catalogue=load_catalogue(catalogue)).sha256
    for record in ResultsStore(stage.root / "results").records():
        flat = (record.quality["Noise"].get("psnr_y") or 0.0) > 60.0 or record.infinite
        if flat is not (record.datasets["Noise"].sha256 == now):
            row.wrong.append(f"{record.submission}: its hash is of other pixels than its PSNR")
    for path in (stage.root / "results").glob("*.json"):
        path.unlink()  # the same command is one without that set


def folder_removed(stage: Stage, row: Row) -> None:
    """The results folder goes while the command runs."""
    judge = stage.start()
    time.sleep(2.0)
    rmtree(stage.root / "results", ignore_errors=True)
    text, _ = judge.communicate(timeout=PATIENCE)
    row.ended.add(ending(judge.returncode))
    stage.look(row, text)


def two_judges(stage: Stage, row: Row) -> None:
    """Both measure into one folder at the same time."""
    judges = [stage.start(), stage.start()]
    for judge in judges:
        text, _ = judge.communicate(timeout=PATIENCE)
        row.ended.add(ending(judge.returncode))
        stage.look(row, text)


FAULTS: dict[str, Callable[[Stage, Row], None]] = {
    "disk full: results": on_a_disk("results", "8k"),
    "disk full: pictures": on_a_disk("results/pictures", "8k"),
    "disk full: cache": on_a_disk("cache", "8k"),
    "disk full: temporary folder": on_a_disk("tmp", "4k"),
    "read-only: results": on_a_disk("results", "8k", read_only=True),
    "read-only: cache": on_a_disk("cache", "8k", read_only=True),
    "file-size limit of 4 KiB": file_size_limit,
    "dataset changed in the middle": dataset_changed,
    "results folder removed": folder_removed,
    "two judges": two_judges,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=100, help="kills, over all kinds")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only", default="", help="faults with this in their name")
    options = parser.parse_args()
    random.seed(options.seed)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # small disks are taken down again
    rows: list[Row] = []
    print("| fault | times | ended | what did not hold |\n|---|---:|---|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        kinds = [(n, v) for n in SIGNALS for v in ("judge", "runner")]
        kinds = [kind for kind in kinds if options.only in f"{kind[0].name} to the {kind[1]}"]
        within = undisturbed(Path(folder) / "first") if kinds else 0.0
        for place, (number, victim) in enumerate(kinds):
            row = Row(f"{number.name} to the {victim}")
            stage = Stage(Path(folder) / row.fault)
            for _ in range(place, options.draws, len(kinds)):
                killed(stage, number, victim, within, row)
                if victim == "runner" or random.random() < 0.3:  # else it goes on at the next draw
                    stage.again(row)
                    rmtree(stage.root)
                    stage.__post_init__()
            stage.again(row)
            rows.append(row)
            print(row, flush=True)
        for name, fault in FAULTS.items():
            if options.only not in name or ("disk" in name or "only" in name) > (os.getuid() == 0):
                continue
            row, stage = Row(name, times=1), Stage(Path(folder) / name.replace(": ", "-"))
            fault(stage, row)
            (stage.root / "results").mkdir(exist_ok=True)
            stage.again(row)
            rows.append(row)
            print(row, flush=True)
    sys.exit(any(row.wrong for row in rows))


def undisturbed(root: Path) -> float:
    """Seconds that the command takes."""
    begun = time.monotonic()
    text, _ = Stage(root).start().communicate(timeout=PATIENCE)
    if "bicubic" not in text:
        raise SystemExit(f"the command itself fails: {text}")
    return time.monotonic() - begun


if __name__ == "__main__":
    main()
