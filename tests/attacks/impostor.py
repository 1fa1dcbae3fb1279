"""A runner that does not do what it is asked: ``impostor.py TRICK START``.

It stands where ``esrbench.runner`` would, in the same walls, without torch: a submission's code can
take its process over and say whatever it likes on the pipes. One function a trick.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
import time
from collections.abc import Callable

from esrbench.sandbox.start import Start, confine_self

SWITCHES = {
    "threads": 1, "cuda_matmul_tf32": False, "cudnn_tf32": False, "cudnn_benchmark": False,
    "autocast_cpu": False, "autocast_cuda": False, "default_dtype": "torch.float32",
}  # fmt: skip
GOOD = {
    "shape": [1, 3, 32, 32], "dtype": "torch.float32", "ms": 1.0, "input_untouched": True,
    "flags": SWITCHES,
}  # fmt: skip

start = Start.from_json(sys.argv[2])


def say(body: bytes, length: int | None = None) -> None:
    data = struct.pack(">I", len(body) if length is None else length) + body
    while data:
        data = data[os.write(start.answer, data) :]


def asked() -> str:
    """The nonce of the next request."""
    (length,) = struct.unpack(">I", exactly(4))
    return json.loads(exactly(length))["nonce"]


def exactly(count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = os.read(start.request, count - len(data))
        if not part:
            os._exit(0)
        data += part
    return data


def answer(nonce: str, what: object) -> bytes:
    return json.dumps({"nonce": nonce, "kind": "answer", "answer": what}).encode()


def failure(nonce: str, text: str) -> bytes:
    return json.dumps({"nonce": nonce, "kind": "raised", "text": text}).encode()


def a_list(nonce: str) -> None:
    say(b"[1, 2, 3]")


def no_keys(nonce: str) -> None:
    say(answer(nonce, {}))


def more_keys(nonce: str) -> None:
    say(answer(nonce, {**GOOD, "psnr_y": 99.0}))


def text_for_a_number(nonce: str) -> None:
    say(answer(nonce, {**GOOD, "ms": "1.0"}))


def a_yes_for_a_number(nonce: str) -> None:
    say(answer(nonce, {**GOOD, "shape": [1, 3, True, 32]}))


def deep_nesting(nonce: str) -> None:
    say(b'{"nonce": "x", "answer": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


def a_number_of_a_thousand_digits(nonce: str) -> None:
    say(answer(nonce, {**GOOD, "shape": [int("9" * 1000), 3, 32, 32]}))


def not_a_number(nonce: str) -> None:
    say(answer(nonce, {**GOOD, "ms": float("nan")}))


def endless_time(nonce: str) -> None:
    say(answer(nonce, {**GOOD, "ms": float("inf")}))


def negative_time(nonce: str) -> None:
    say(answer(nonce, {**GOOD, "ms": -5.0}))


def another_shape(nonce: str) -> None:
    say(answer(nonce, {**GOOD, "shape": [1, 3, 2**52, 2**52]}))


def an_answer_nobody_asked_for(nonce: str) -> None:
    say(answer("0" * 16, GOOD))


def an_answer_ahead(nonce: str) -> None:
    say(failure("guess", "nothing"))
    say(answer(nonce, GOOD))


def no_json(nonce: str) -> None:
    say(b"\x80\x04pickled")


def four_gigabytes(nonce: str) -> None:
    say(b"{", length=2**32 - 1)


def half_a_message(nonce: str) -> None:
    say(b"{", length=100)
    os._exit(0)


def a_byte_at_a_time(nonce: str) -> None:
    body = answer(nonce, GOOD)
    for byte in struct.pack(">I", len(body)) + body:
        os.write(start.answer, bytes([byte]))
        time.sleep(0.2)


def silence(nonce: str) -> None:
    time.sleep(600)


def a_stop(nonce: str) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def a_closed_pipe(nonce: str) -> None:
    os.close(start.answer)
    time.sleep(600)


def a_quiet_end(nonce: str) -> None:
    os._exit(0)


def a_crash(nonce: str) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def a_driven_terminal(nonce: str) -> None:
    say(failure(nonce, "\x1b]0;owned\x07\x1b[2J\u202egpj.exe\nPSNR Y 99.99"))


def markup(nonce: str) -> None:
    say(failure(nonce, "<script>alert(1)</script>"))


def a_flood_of_output(nonce: str) -> None:
    while True:
        os.write(1, b"x" * 65536)


def last_words_that_drive_a_terminal(nonce: str) -> None:
    os.write(1, b"\x1b[2J\x1b]0;owned\x07 rank 1\n")
    os._exit(7)


def memory_of_children(nonce: str) -> None:
    for _ in range(4):
        if os.fork() == 0:
            hog = bytearray(150 * 2**20)
            time.sleep(600 + len(hog) % 2)
    time.sleep(600)


def memory_of_a_file_without_name(nonce: str) -> None:
    os.ftruncate(file := os.memfd_create("hog"), 2**30 - 1)
    import mmap

    room = mmap.mmap(file, 2**30 - 1)
    for place in range(0, 700 * 2**20, 4096):
        room[place] = 1
    time.sleep(600)


def memory_of_the_pixels(nonce: str) -> None:
    for place in range(0, 700 * 2**20, 2**20):
        os.pwrite(start.sr[0], b"x" * 2**20, place)
    time.sleep(600)


def many_processes(nonce: str) -> None:
    for _ in range(400):
        if os.fork() == 0:
            time.sleep(600)
    time.sleep(600)


def valid_answers_for_ever(nonce: str) -> None:
    while True:
        time.sleep(0.5)
        say(answer(nonce, {**GOOD, "shape": [1, 3, 32, 32]}))
        nonce = asked()


def a_nest_of_folders(nonce: str) -> None:
    for _ in range(3000):
        os.mkdir("n")
        os.chdir("n")
    os._exit(3)


def a_locked_folder(nonce: str) -> None:
    os.makedirs("locked/inner")
    os.chmod("locked", 0)
    os._exit(3)


def links_to_others(nonce: str) -> None:
    os.symlink("/usr", "usr")
    os.mkfifo("fifo")
    os._exit(3)


def a_process_that_stays(nonce: str) -> None:
    if os.fork() == 0:
        try:
            os.setsid()
        except OSError:
            pass
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    time.sleep(0.3)
    os._exit(3)


TRICKS: dict[str, Callable[[str], None]] = {
    name: value
    for name, value in list(globals().items())
    if callable(value) and getattr(value, "__annotations__", {}).get("nonce") == "str"
}
for helper in ("answer", "failure"):
    TRICKS.pop(helper)


def main() -> None:
    confine_self(start)
    say(answer(asked(), {}))
    TRICKS[sys.argv[1]](asked())
    time.sleep(600)


if __name__ == "__main__":
    main()
