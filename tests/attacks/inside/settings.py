"""Change what others' files, processes and the machine are set to, and watch them."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

Facts = dict[str, Any]
_libc = ctypes.CDLL(None, use_errno=True)
_X86 = os.uname().machine == "x86_64"
_MADE = 1 << 20
"""A time long before any record: seconds since 1970."""


def _done(result: int) -> bool:
    if result == -1:
        raise OSError(ctypes.get_errno(), "denied")
    return True


def mode_of_the_results(facts: Facts) -> object:
    """As it is, so that nothing is spoilt where no wall holds."""
    os.chmod(facts["results"], os.stat(facts["results"]).st_mode & 0o7777)
    return True


def mode_of_a_record_by_its_folder(facts: Facts) -> object:
    folder = os.open(facts["results"], os.O_PATH)
    os.chmod("record.json", 0o644, dir_fd=folder)
    return True


def owner_of_the_results(facts: Facts) -> object:
    os.chown(facts["results"], os.getuid(), -1)
    return True


def age_of_a_record(facts: Facts) -> object:
    os.utime(Path(facts["results"], "record.json"), (_MADE, _MADE))
    return True


def attribute_of_a_record(facts: Facts) -> object:
    os.setxattr(Path(facts["results"], "record.json"), "user.esrbench", b"verified")
    return True


def attribute_taken_from_a_record(facts: Facts) -> object:
    try:
        os.removexattr(Path(facts["results"], "record.json"), "user.esrbench")
    except OSError as why:
        return why.errno == 61  # it has none, says a kernel that would have taken it
    return True


def watch_over_the_dataset(facts: Facts) -> object:
    """Which image is read, and when."""
    watching = _libc.inotify_init1(0)
    _done(watching)
    return _done(_libc.inotify_add_watch(watching, facts["data"].encode(), 0xFFF))


def watch_over_everything(facts: Facts) -> object:
    return _done(_libc.syscall(300 if _X86 else 262, 0x200, 0))


def signal_by_a_pipe(facts: Facts) -> object:
    """The kernel itself sends it, when there is something to be read."""
    return _by_a_pipe(facts["sibling"], signal.SIGSTOP)


def _by_a_pipe(pid: int, number: int) -> bool:
    read, write = os.pipe()
    fcntl.fcntl(read, fcntl.F_SETOWN, pid)
    fcntl.fcntl(read, 10, number)  # F_SETSIG
    fcntl.fcntl(read, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    os.write(write, b"x")
    time.sleep(0.1)
    return _stopped(pid)


def _stopped(pid: int) -> bool:
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] in "Tt"


def queued_signal(facts: Facts) -> object:
    information = (ctypes.c_int * 32)(signal.SIGWINCH, 0, -1)
    return _done(_libc.syscall(129 if _X86 else 138, facts["judge"], signal.SIGWINCH, information))


def signal_to_a_thread(facts: Facts) -> object:
    judge = facts["judge"]
    return _done(_libc.syscall(234 if _X86 else 131, judge, judge, signal.SIGWINCH))


def life_after_the_judge(facts: Facts) -> object:
    """Nobody ends it any more when the judge ends."""
    return _done(_libc.prctl(1, 0, 0, 0, 0))


def first_victim_when_memory_is_short(facts: Facts) -> object:
    with open(f"/proc/{facts['judge']}/oom_score_adj", "w") as score:
        return score.write("0")


def last_victim_when_memory_is_short(facts: Facts) -> object:
    with open("/proc/self/oom_score_adj", "w") as score:
        score.write("-1")
        score.flush()
    return True


def forgotten_pages_of_the_judge(facts: Facts) -> object:
    with open(f"/proc/{facts['judge']}/clear_refs", "w") as refs:
        return refs.fileno()


def program_for_core_dumps(facts: Facts) -> object:
    with open("/proc/sys/kernel/core_pattern", "r+") as pattern:
        return pattern.fileno()


def core_dump(facts: Facts) -> object:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20))
    return True


def caches_of_the_machine(facts: Facts) -> object:
    with open("/proc/sys/vm/drop_caches", "w") as drop:
        return drop.fileno()


def keys_of_an_administrator(facts: Facts) -> object:
    with open("/proc/sysrq-trigger", "w") as trigger:
        return trigger.fileno()


def settings_of_the_machine(facts: Facts) -> object:
    """Any of them; none is written."""
    found = []
    for root, folders, files in os.walk("/proc"):
        if root == "/proc":
            folders[:] = [name for name in folders if not name.isdigit() and "self" not in name]
        for name in files:
            try:
                os.close(os.open(os.path.join(root, name), os.O_WRONLY | os.O_NONBLOCK))
            except OSError:
                continue
            found.append(os.path.join(root, name))
    return found


def facts_that_are_an_administrators(facts: Facts) -> object:
    """What the kernel says of its memory and drivers to root alone."""
    found = []
    for path in Path("/proc").iterdir():
        if path.is_file() and not path.stat().st_mode & 0o4 and path.name != "kmsg":
            try:
                with open(path, "rb") as file:
                    found += [path.name] if file.read(8) else []
            except OSError:
                continue
    return found


def pace_of_the_processor(facts: Facts) -> object:
    for path in ("cpu/cpu0/cpufreq/scaling_governor", "cpu/cpu0/online", "cpu/smt/control"):
        file = Path("/sys/devices/system", path)
        if file.exists():
            with open(file, "r+") as pace:
                return pace.fileno()
    return None


def another_group_of_control(facts: Facts) -> object:
    for root, _, files in os.walk("/sys/fs/cgroup"):
        if "cgroup.procs" in files:
            with open(Path(root, "cgroup.procs"), "r+") as group:
                return group.fileno()
    return None


def time_for_everyone(facts: Facts) -> object:
    now = time.clock_gettime(time.CLOCK_REALTIME)
    time.clock_settime(time.CLOCK_REALTIME, now)
    return True


def pace_of_the_clock(facts: Facts) -> object:
    """Frequency as it is: adjtimex with one mode set."""
    timex = (ctypes.c_long * 64)()
    timex[0] = 2
    return _done(_libc.adjtimex(timex))


def name_of_the_machine(facts: Facts) -> object:
    host = os.uname().nodename.encode()
    return _done(_libc.sethostname(host, len(host)))


def terminal_of_the_judge(facts: Facts) -> object:
    """A line pushed into it would be read as typed."""
    terminal = os.open(facts["terminal"], os.O_RDWR | os.O_NOCTTY)
    return terminal


def terminal_by_its_common_name(facts: Facts) -> object:
    return os.open("/dev/tty", os.O_RDWR)


def messages_of_the_kernel(facts: Facts) -> object:
    return os.open("/dev/kmsg", os.O_WRONLY)


def devices_of_the_machine(facts: Facts) -> object:
    harmless = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "kmsg"}
    found = []
    for node in Path("/dev").iterdir():
        if node.name in harmless or node.is_symlink():
            continue
        if node.is_char_device() or node.is_block_device():
            try:
                found.append(f"{node}{os.open(node, os.O_RDWR | os.O_NONBLOCK)}")
            except OSError:
                continue
    return found


def program_without_a_name(facts: Facts) -> object:
    """A program in memory, which a filter or a wall by path might miss."""
    with open("/bin/cat", "rb") as program:
        made = os.memfd_create("cat")
        os.write(made, program.read())
    command = [f"/proc/self/fd/{made}", str(Path(facts["results"], "record.json"))]
    done = subprocess.run(command, capture_output=True, pass_fds=[made], timeout=20)
    return done.stdout


def walls_of_a_program_it_starts(facts: Facts) -> object:
    code = "print(*(line for line in open('/proc/self/status') if line[:3] in ('Sec', 'NoN')))"
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, timeout=20)
    told = done.stdout.split()
    return done.returncode == 0 and not (b"2" in told and b"1" in told) and told


def descriptor_from_the_judge(facts: Facts) -> object:
    handle = os.pidfd_open(facts["judge"])
    return _done(_libc.syscall(438, handle, 0, 0))


def memory_of_the_judge_given_back(facts: Facts) -> object:
    handle = os.pidfd_open(facts["judge"])
    return _done(_libc.syscall(448, handle, 0))


def wait_for_the_judge(facts: Facts) -> object:
    """Its cores and priority are nobody's but its own to see; what it waits for neither."""
    with open(f"/proc/{facts['judge']}/syscall") as call:
        return call.read()


def core_that_is_shared_with_the_judge(facts: Facts) -> object:
    """Scheduled together by a cookie: PR_SCHED_CORE, share to."""
    return _done(_libc.prctl(62, 2, facts["judge"], 0, 0))


def ports_of_the_processor(facts: Facts) -> object:
    if not _X86:
        raise OSError("there are none")
    return _done(_libc.syscall(172, 3)) or _done(_libc.syscall(173, 0x80, 1, 1))
