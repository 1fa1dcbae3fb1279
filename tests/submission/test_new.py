"""`esrbench new` writes something that scores as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from esrbench.errors import UnavailableError, UsageError
from esrbench.submission.find import find
from esrbench.submission.load import build_model
from esrbench.submission.new import write_new
from esrbench.submission.weights import locate_weights


def test_it_starts_as_repeated_pixels(tmp_path: Path) -> None:
    submission = find(str(write_new("my-net", tmp_path)))
    assert (submission.label, submission.scale) == ("my-net", 4)
    assert locate_weights(submission) is None
    arguments = submission.build_arguments
    model = build_model(submission.entry_file, "build", arguments, submission.scale)
    x = torch.rand(2, 3, 9, 7)
    torch.testing.assert_close(model(x), x.repeat_interleave(4, -1).repeat_interleave(4, -2))
    assert sum(p.numel() for p in model.parameters()) > 0


@pytest.mark.parametrize("name", ["", "a b", "../a", "a/b", "-a", ".hidden"])
def test_bad_names_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no name"):
        write_new(name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    write_new("a", tmp_path)
    with pytest.raises(UsageError, match="is there already"):
        write_new("a", tmp_path)


def test_where_nothing_can_be_written_nothing_is_wrong_with_the_command(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnavailableError, match="cannot be written: Not a directory"):
        write_new("a", tmp_path / "file" / "submissions")
