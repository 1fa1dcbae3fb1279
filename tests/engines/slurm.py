"""A Slurm of one node on this machine, started and stopped by the tests: its own munge, ports and
folders, so that no other Slurm notices."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "sinfo")
_SBIN = "/usr/sbin:/usr/local/sbin"
_CONF = """\
ClusterName=esrbench
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
SchedulerParameters=sched_interval=1
MinJobAge=300
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=60 State=UP
"""


def why_not() -> str | None:
    """What a Slurm lacks here; None where one can be started."""
    path = f"{os.environ.get('PATH', '')}:{_SBIN}"
    missing = [name for name in PROGRAMS if shutil.which(name, path=path) is None]
    if missing:
        return f"{', '.join(missing)} not installed (Debian: apt install slurm-wlm munge)"
    return None if os.geteuid() == 0 else "only root may start a Slurm"


class Slurm:
    """A controller, one node of two CPUs, and the environment its commands need."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "PATH": f"{os.environ['PATH']}:{_SBIN}",
            "SLURM_CONF": str(folder / "slurm.conf"),
        }
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Munge, the controller and the node; raises RuntimeError, with their logs, where the node
        does not come up."""
        for name in ("munge", "state", "spool"):
            (self.folder / name).mkdir(mode=0o755)
        key = self.folder / "munge" / "key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        names = {"host": socket.gethostname(), "controller": _free_port(), "node": _free_port()}
        conf = self.folder / "slurm.conf"
        conf.write_text(_CONF.format(folder=self.folder, **names))
        munge = self.folder / "munge"
        self._run("munged", "--foreground", "--force", f"--socket={munge}/socket",
                  f"--key-file={key}", f"--pid-file={munge}/pid", f"--log-file={munge}/log",
                  f"--seed-file={munge}/seed")  # fmt: skip
        _wait(lambda: (munge / "socket").exists(), 30)
        self._run("slurmctld", "-D", "-f", str(conf))
        self._run("slurmd", "-D", "-f", str(conf), "-N", names["host"])
        if not _wait(lambda: "idle" in self.ask("sinfo", "-h", "-o", "%t"), 90):
            logs = [path.read_text()[-1500:] for path in sorted(self.folder.glob("*.log"))]
            raise RuntimeError("The node does not come up:\n" + "\n".join(logs))

    def ask(self, *command: str) -> str:
        """What a command of Slurm's prints."""
        told = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        return told.stdout + told.stderr

    def wait_for(self, job: str, seconds: float) -> str:
        """The states of ``job``'s tasks when all have ended, as ``scontrol`` names them."""
        _wait(lambda: not self.ask("squeue", "-h", "-j", job).strip(), seconds)
        shown = self.ask("scontrol", "show", "job", job)
        return " ".join(w for w in shown.split() if w.startswith(("JobState=", "ExitCode=")))

    def stop(self) -> None:
        """End what was started here, the last first."""
        for process in reversed(self._running):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            if process.poll() is None:
                process.kill()
                process.wait()

    def _run(self, *command: str) -> None:
        log = (self.folder / f"{command[0]}.out").open("wb")
        self._running.append(
            subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        )
        log.close()


@contextlib.contextmanager
def slurm(folder: Path) -> Iterator[Slurm]:
    """A Slurm of one node in ``folder``, stopped at the end."""
    made = Slurm(folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait(what: object, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if callable(what) and what():
            return True
        time.sleep(0.3)
    return False
