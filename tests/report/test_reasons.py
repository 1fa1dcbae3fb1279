"""First clauses of reasons that records really carry."""

from __future__ import annotations

import pytest

from esrbench.report.reasons import first_clause


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("no PSNR Y on Set5", "no PSNR Y on Set5"),
        (
            "span/c48 has no weights: the official 48-channel weights are only on Google Drive.",
            "span/c48 has no weights",
        ),
        (
            "PSNR RGB on DIV2K_LSDIR_valid 26.8964 dB is under 26.90 (rounded to 26.90 it would "
            "have passed)",
            "PSNR RGB on DIV2K_LSDIR_valid 26.8964 dB is under 26.90",
        ),
        (
            "the weights of rlfn/s (sha256 f769c5a88433...) are not in a folder given with "
            "--weights-dir and this run is offline; download https://example.org/rlfn_s.pth.",
            "the weights of rlfn/s are not in a folder given with --weights-dir",
        ),
        (
            "failed: The child process died of signal 11 (segmentation fault). It was the third.",
            "failed: The child process died of signal 11",
        ),
        ("a" * 80, "a" * 76 + " …"),
        ("one " * 25, "one " * 18 + "one …"),
    ],
)
def test_first_clause(reason: str, shown: str) -> None:
    assert first_clause(reason) == shown
