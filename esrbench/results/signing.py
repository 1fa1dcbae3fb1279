"""Sign a results folder's manifest, and say who did: by ssh-keygen, with the keys people have.

ssh-keygen's signatures (``-Y sign``) carry a namespace, so that what was signed for one purpose
cannot pass for another.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from esrbench.errors import UnavailableError, UsageError
from esrbench.results.lookalike import plain
from esrbench.results.manifest import MANIFEST, manifest_text
from esrbench.whole_file import write_whole

NAMESPACE = "esrbench"
SIGNATURE = f"{MANIFEST}.sig"
_SECONDS = 60


@dataclass(frozen=True)
class Signature:
    """What a signature says."""

    good: bool
    key: str | None = None
    """``ED25519 SHA256:...``."""
    name: str | None = None
    """Who the key belongs to by the list of signers; None without a list."""
    calls_itself: str | None = None
    """The key's comment: what its owner wrote there."""
    why_not: str | None = None

    @property
    def sentence(self) -> str:
        """``Signed by alice@lab with ED25519 SHA256:...``."""
        if not self.good:
            return f"The signature does not hold: {self.why_not}"
        who = f"by {self.name}" if self.name else "by a key of nobody's that was asked about"
        said = f" (it calls itself {self.calls_itself})" if self.calls_itself else ""
        return f"Signed {who} with {self.key}{said}."


def sign(root: Path, key: Path) -> Path:
    """Write the manifest of ``root`` and sign it with the SSH key ``key``; returns the signature.

    Raises UsageError for a key that is none, UnavailableError without ssh-keygen.
    """
    if not key.is_file():
        raise UsageError(f"There is no key {key}; `ssh-keygen -t ed25519 -f {key}` makes one.")
    manifest, signature = root / MANIFEST, root / SIGNATURE
    try:
        write_whole(manifest, manifest_text(root, _comment(key)).encode())
        signature.unlink(missing_ok=True)
    except OSError as why:
        raise UnavailableError(f"{manifest} cannot be written: {why.strerror}.") from None
    done = _ssh_keygen("-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(manifest))
    if done.returncode != 0 or not signature.is_file():
        raise UsageError(f"ssh-keygen cannot sign with {key}: {_last_line(done.stderr)}")
    return signature


def signature_of(root: Path, signers: Path | None = None) -> Signature | None:
    """Who signed the manifest of ``root``; None where there is no signature.

    ``signers`` is a list as ssh-keygen's ALLOWED SIGNERS; without one a good signature says which
    key it is, and not whose. Raises UnavailableError without ssh-keygen.
    """
    manifest, signature = root / MANIFEST, root / SIGNATURE
    if not (manifest.is_file() and signature.is_file()):
        return None
    content = manifest.read_bytes()
    common = ("-n", NAMESPACE, "-s", str(signature))
    name = None
    if signers is None:
        done = _ssh_keygen("-Y", "check-novalidate", *common, content=content)
    else:
        if not signers.is_file():
            raise UsageError(f"There is no list of signers {signers}.")
        asked = _ssh_keygen("-Y", "find-principals", "-f", str(signers), "-s", str(signature))
        name = asked.stdout.splitlines()[0].strip() if asked.stdout.strip() else None
        if name is None:
            return Signature(False, why_not=f"its key is not in {signers}.")
        done = _ssh_keygen("-Y", "verify", "-f", str(signers), "-I", name, *common, content=content)
    if done.returncode != 0:
        return Signature(False, why_not=_last_line(done.stderr or done.stdout))
    found = re.search(r"with (\S+) key (\S+)", done.stdout)
    said = re.search(r"^# signer: (.+)$", content.decode(errors="replace"), re.MULTILINE)
    return Signature(
        True,
        key=" ".join(found.groups()) if found else None,
        name=plain(name) if name else None,
        calls_itself=plain(said[1]) if said else None,
    )


def _comment(key: Path) -> str:
    """The third word of the public key, where there is one."""
    public = key if key.suffix == ".pub" else key.with_name(f"{key.name}.pub")
    try:
        words = public.read_text(encoding="utf-8").split(maxsplit=2)
    except (OSError, UnicodeDecodeError):
        return "unnamed"
    return plain(words[2].strip()) if len(words) > 2 else "unnamed"


def _ssh_keygen(*arguments: str, content: bytes = b"") -> subprocess.CompletedProcess[str]:
    try:
        done = subprocess.run(
            ["ssh-keygen", *arguments], input=content, capture_output=True, timeout=_SECONDS
        )
    except FileNotFoundError:
        raise UnavailableError(
            "Signatures need ssh-keygen (OpenSSH 8.2 or later); Debian: apt install openssh-client."
        ) from None
    except subprocess.TimeoutExpired:
        raise UnavailableError(
            "ssh-keygen gave no answer; a key with a passphrase needs ssh-agent."
        ) from None
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(errors="replace"),
        done.stderr.decode(errors="replace"),
    )  # fmt: skip


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return plain(lines[-1]) if lines else "it said nothing."
