"""Read what is not its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

Facts = dict[str, Any]


def hr_of_a_dataset(facts: Facts) -> object:
    return Path(facts["data"], "HR.png").read_bytes()


def hr_inside_a_library(facts: Facts) -> object:
    return Path(facts["photograph"]).read_bytes()


def listing_of_the_data_root(facts: Facts) -> object:
    return os.listdir(facts["data"])


def secret_of_the_home_folder(facts: Facts) -> object:
    return Path(facts["home"], "token").read_text()


def home_by_expansion(facts: Facts) -> object:
    return [name for name in os.listdir(Path.home()) if name == "token"]


def records_of_others(facts: Facts) -> object:
    return Path(facts["results"], "record.json").read_text()


def another_submission(facts: Facts) -> object:
    return Path(facts["other"], "model.py").read_text()


def bundled_submissions(facts: Facts) -> object:
    return os.listdir(facts["bundled"])


def harness_checkout(facts: Facts) -> object:
    return Path(facts["checkout"], "pyproject.toml").read_text()


def cache_of_the_harness(facts: Facts) -> object:
    return Path(facts["cache"], "kept").read_text()


def climbing_out_of_its_folder(facts: Facts) -> object:
    return Path(facts["own"], "..", "secret").read_text()


def list_of_users(facts: Facts) -> object:
    return Path("/etc/passwd").read_text()


def hashes_of_passwords(facts: Facts) -> object:
    return Path("/etc/shadow").read_text()


def environment_of_the_judge(facts: Facts) -> object:
    own = Path("/proc/self/environ").read_bytes()
    found = Path(f"/proc/{facts['judge']}/environ").read_bytes()
    return found if found != own else None


def environment_of_anyone(facts: Facts) -> object:
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and b"ATTACKED_SECRET" in _bytes(process / "environ"):
            return process
    return None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def own_inherited_secret(facts: Facts) -> object:
    return os.environ.get("ATTACKED_SECRET")


def memory_of_the_judge(facts: Facts) -> object:
    with open(f"/proc/{facts['judge']}/mem", "rb") as memory:
        return memory.fileno()


def descriptors_of_the_judge(facts: Facts) -> object:
    return os.listdir(f"/proc/{facts['judge']}/fd")


def arguments_of_a_sibling(facts: Facts) -> object:
    return Path(f"/proc/{facts['sibling']}/cmdline").read_bytes()


def list_of_processes(facts: Facts) -> object:
    return [pid for pid in (facts["judge"], facts["sibling"]) if str(pid) in os.listdir("/proc")]


def inherited_descriptors(facts: Facts) -> object:
    given = {0, 1, 2, *facts["lr"], *facts["sr"]}
    links = {int(fd): _link(fd) for fd in os.listdir("/proc/self/fd")}
    return [to for fd, to in links.items() if fd not in given and str(facts["data"]) in to]


def _link(descriptor: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return ""


def through_the_root_of_another(facts: Facts) -> object:
    return Path(f"/proc/{facts['judge']}/root{facts['home']}/token").read_text()


def raw_disk(facts: Facts) -> object:
    for node in ("sda", "vda", "nvme0n1", "mem", "kmem"):
        if Path("/dev", node).exists():
            with open(f"/dev/{node}", "rb") as disk:
                return disk.read(1)
    return None
