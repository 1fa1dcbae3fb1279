"""Which file of a program of its own is named as the one with its network."""

from __future__ import annotations

from pathlib import Path

import pytest

from esrbench.errors import SubmissionError, UsageError
from esrbench.submission.find import find
from esrbench.submission.likely_network import hint, likely_network

NETWORK = "from torch import nn\n\nclass Net(nn.Module):\n    pass\n"
LOSS = NETWORK.replace("Net", "Loss")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"RFDN.py": NETWORK, "block.py": NETWORK, "test.py": ""}, "RFDN.py"),  # as njulj/RFDN
        ({"models/m_network.py": NETWORK, "loss.py": LOSS}, "models/m_network.py"),
        ({"components/Rfdn.py": NETWORK, "ops/a_net.py": NETWORK}, "components/Rfdn.py"),
        ({"main.py": NETWORK}, "main.py"),
        ({"train.py": "print('class Net(nn.Module)')\n", ".cache/net.py": NETWORK}, None),
    ],
)
def test_the_likely_file(tmp_path: Path, files: dict[str, str], expected: str | None) -> None:
    root = tmp_path / "R-FDN"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    found = likely_network(root)
    assert (found and found.relative_to(root).as_posix()) == expected
    with pytest.raises((SubmissionError, UsageError)) as fault:
        find(str(root))
    module = (expected or "").removesuffix(".py").replace("/", ".")
    assert (f"with `from {module} import ...`" in str(fault.value)) is (expected is not None)


def test_a_folder_that_python_cannot_import_from_holds_the_model_py(  # as PlainUSR's 2024_.../
    tmp_path: Path,
) -> None:
    (tmp_path / "Net/2024_Net/archs").mkdir(parents=True)
    (tmp_path / "Net/2024_Net/archs/net_arch.py").write_text(NETWORK)
    said = hint(tmp_path / "Net")
    assert "a model.py in Net/2024_Net with `from archs.net_arch import ...`" in said
