"""The tiers of confinement, best first, and what each is worth, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Tier = Literal["bwrap", "landlock", "limits", "none"]
TIERS: tuple[Tier, ...] = get_args(Tier)


@dataclass(frozen=True)
class Meaning:
    """What a tier is, in words."""

    is_: str
    stops: str
    leaves: str
    better: str
    """How to get the next better one."""


MEANINGS: dict[Tier, Meaning] = {
    "bwrap": Meaning(
        "bubblewrap: namespaces of its own, a system call filter, limits",
        "Everything outside its own folder, weights and the libraries is not there: no data, "
        "results, home, other submission, process, network, nor a way to outlive the judge.",
        "A hole in the kernel or in a GPU's driver; time measured by shared caches; lies about "
        "itself.",
        "",
    ),
    "landlock": Meaning(
        "Landlock, a system call filter, limits",
        "Files outside its own, sockets, other processes' memory, leaving its process group; with "
        "a kernel of 6.12 or newer signals to others as well.",
        "It sees process numbers and the host's name; its scratch folder is bounded by a file's "
        "size alone; on older kernels it can send signals to the user's processes.",
        "install bubblewrap 0.8 or newer",
    ),
    "limits": Meaning(
        "limits on memory, CPU time, files and processes",
        "Using up the machine, and processes that stay behind by oversight.",
        "It reads and writes all that the user can, and reaches the network.",
        "a Linux kernel of 5.13 or newer with Landlock, or bubblewrap",
    ),
    "none": Meaning(
        "a process of its own",
        "An end of the judge by a crash; nothing that is meant.",
        "Everything.",
        "leave out --sandbox none",
    ),
}
