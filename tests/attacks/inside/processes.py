"""Hurt, slow or follow other processes; get more than its share."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
from typing import Any

Facts = dict[str, Any]
_libc = ctypes.CDLL(None, use_errno=True)


def _done(result: int) -> bool:
    if result == -1:
        raise OSError(ctypes.get_errno(), "denied")
    return True


def signal_to_the_judge(facts: Facts) -> object:
    os.kill(facts["judge"], signal.SIGWINCH)
    return True


def end_of_a_sibling(facts: Facts) -> object:
    os.kill(facts["sibling"], signal.SIGKILL)
    return True


def stop_of_a_sibling(facts: Facts) -> object:
    os.kill(facts["sibling"], signal.SIGSTOP)
    return True


def interrupt_of_the_judges_group(facts: Facts) -> object:
    os.killpg(os.getpgid(facts["judge"]), signal.SIGWINCH)
    return True


def signal_by_descriptor(facts: Facts) -> object:
    signal.pidfd_send_signal(os.pidfd_open(facts["judge"]), signal.SIGWINCH)
    return True


def trace_of_the_judge(facts: Facts) -> object:
    seize = 0x4206
    return _done(_libc.ptrace(seize, facts["judge"], 0, 0))


def memory_of_a_sibling(facts: Facts) -> object:
    read = 310 if os.uname().machine == "x86_64" else 270
    return _done(_libc.syscall(read, facts["sibling"], None, 0, None, 0, 0))


def limits_of_the_judge(facts: Facts) -> object:
    resource.prlimit(facts["judge"], resource.RLIMIT_CORE)
    return True


def priority_of_the_judge(facts: Facts) -> object:
    os.setpriority(os.PRIO_PROCESS, facts["judge"], 5)
    return True


def own_priority(facts: Facts) -> object:
    os.setpriority(os.PRIO_PROCESS, 0, os.getpriority(os.PRIO_PROCESS, 0))
    return True


def more_cores(facts: Facts) -> object:
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    return True


def cores_of_a_sibling(facts: Facts) -> object:
    os.sched_setaffinity(facts["sibling"], {0})
    return True


def real_time(facts: Facts) -> object:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    return True


def higher_limits(facts: Facts) -> object:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return True


def life_after_the_group(facts: Facts) -> object:
    code = "import os; os.setsid(); print(os.getpid())"
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, timeout=20)
    return done.stdout if done.returncode == 0 else None


def rights_by_a_program(facts: Facts) -> object:
    done = subprocess.run(["su", "-c", "id -u"], capture_output=True, timeout=20)
    return done.stdout if done.stdout.strip() == b"0" else None


def capabilities(facts: Facts) -> object:
    with open("/proc/self/status") as status:
        effective = next(line for line in status if line.startswith("CapEff"))
    return int(effective.split()[1], 16) or None
