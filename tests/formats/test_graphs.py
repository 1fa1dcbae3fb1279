"""ONNX, torch.export and TorchScript, each told by content.

Numbers: the output of the eager network the graphs were made of; MACs of its one convolution.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.export import Dim

from esrbench.errors import SubmissionError, UsageError
from esrbench.runner.packing import _onnx, exported
from esrbench.submission.find import find
from esrbench.submission.formats.onnx_file import drawing_in
from tests.formats.conftest import MACS_8X8, small_network
from tests.formats.running import LR, counts, output


def expected() -> np.ndarray:
    with torch.inference_mode():
        return small_network()(torch.from_numpy(LR).permute(0, 3, 1, 2) / 255).numpy()


def write_pt2(path: Path) -> None:
    dynamic = ({0: Dim.AUTO, 2: Dim.AUTO, 3: Dim.AUTO},)
    program = torch.export.export(
        small_network(), (torch.rand(2, 3, 8, 9),), dynamic_shapes=dynamic
    )
    torch.export.save(program, path)


def write_torchscript(path: Path) -> None:
    torch.jit.trace(small_network(), torch.rand(1, 3, 8, 9)).save(str(path))


def write_onnx(path: Path) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxscript")
    _onnx(exported(small_network(), 16, 1)[0], path, {"scale": 4})


WRITERS = [
    ("net_x4.pt2", "pt2", write_pt2, "torch.export program, x4"),
    ("net_x4.pt", "torchscript", write_torchscript, "TorchScript module, x4"),
    ("4xnet.onnx", "onnx", write_onnx, "ONNX graph, x4"),
]


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(("name", "form", "write", "words"), WRITERS)
def test_told_and_run(tmp_path: Path, name: str, form: str, write, words: str) -> None:
    if form == "onnx":
        pytest.importorskip("onnxruntime")
    write(tmp_path / name)
    found = find(str(tmp_path / name))
    assert (found.form, found.scale, found.data_range) == (form, 4, 1.0)
    assert words in (found.taken_for or "")
    np.testing.assert_allclose(output(found), expected(), atol=1e-5)


def test_counts_of_a_program(tmp_path: Path) -> None:
    write_pt2(tmp_path / "net_x4.pt2")
    made = counts(find(str(tmp_path / "net_x4.pt2")))
    # Activations: the convolution's 48 x 8 x 8 outputs.
    keys = ("params", "macs", "activations", "convs", "macs_ntire2022")
    assert [getattr(made, key) for key in keys] == [1344, MACS_8X8, 3072, 1, None]


def test_counts_of_onnx_are_empty_not_zero(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    write_onnx(tmp_path / "4xnet.onnx")
    made = counts(find(str(tmp_path / "4xnet.onnx")))
    assert (made.params, made.macs, made.convs) == (1344, None, None)
    assert "opaque-ops" in made.flags
    assert "unseen" in made.missing["macs"]


def test_the_scale_must_be_said(tmp_path: Path) -> None:
    write_torchscript(tmp_path / "net.pt")
    with pytest.raises(UsageError, match=r"nothing says its scale: give --scale, or .* net.yaml"):
        find(str(tmp_path / "net.pt"))
    assert find(str(tmp_path / "net.pt"), scale=4).scale == 4


def test_the_sidecar_says_it(tmp_path: Path) -> None:
    write_torchscript(tmp_path / "net.pt")
    (tmp_path / "net.yaml").write_text("name: mine\nscale: 4\ndata_range: 255.0\nmultiple: 8\n")
    found = find(str(tmp_path / "net.pt"))
    assert (found.name, found.scale, found.data_range, found.multiple) == ("mine", 4, 255.0, 8)
    with pytest.raises(SubmissionError, match="for x4, not x2"):
        find(str(tmp_path / "net.pt"), scale=2)


def test_unknown_key_in_the_sidecar(tmp_path: Path) -> None:
    write_torchscript(tmp_path / "net_x4.pt")
    (tmp_path / "net_x4.yaml").write_text("name: mine\ndata_rang: 255.0\n")
    with pytest.raises(SubmissionError, match="did you mean 'data_range'"):
        find(str(tmp_path / "net_x4.pt"))


def test_the_hash_is_of_the_graph(tmp_path: Path) -> None:
    write_torchscript(tmp_path / "net_x4.pt")
    before = find(str(tmp_path / "net_x4.pt")).code_sha256()
    (tmp_path / "other.py").write_text("x = 1\n")  # a file beside it is none of its own
    assert find(str(tmp_path / "net_x4.pt")).code_sha256() == before
    torch.jit.trace(small_network(1), torch.rand(1, 3, 8, 9)).save(str(tmp_path / "net_x4.pt"))
    assert find(str(tmp_path / "net_x4.pt")).code_sha256() != before


def test_a_graph_that_does_not_load_says_so(tmp_path: Path) -> None:
    path = tmp_path / "net_x4.pt2"
    write_pt2(path)
    path.write_bytes(path.read_bytes().replace(b"aten.convolution", b"aten.canvolution"))
    path.write_bytes(path.read_bytes().replace(b"aten.conv2d", b"aten.canv2d"))
    with pytest.raises(SubmissionError, match=r"torch cannot load the program net_x4\.pt2"):
        output(find(str(path)))


NAMES = [("4x_anything", 4), ("anything_x2", 2), ("RealSR-x3-v2", 3), ("x4y", None), ("0x4f", None)]


@pytest.mark.parametrize(("stem", "scale"), NAMES)
def test_scale_in_a_name(stem: str, scale: int | None) -> None:
    from esrbench.submission.formats.sidecar import scale_in_name

    assert scale_in_name(Path(f"{stem}.pth")) == scale


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty; get it again"),
        (b"hello", r"no \.py file, checkpoint, ONNX graph"),
        (b"PK\x05\x06" + bytes(18), r"no \.py file, checkpoint, ONNX graph"),
    ],
)
def test_neither(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.bin").write_bytes(content)
    with pytest.raises(SubmissionError, match=said):
        find(str(tmp_path / "a.bin"))


def _onnx_in(dtype: torch.dtype, path: Path) -> None:
    """The small network as it is exported in ``dtype``."""
    from esrbench.runner.packing import _DYNAMIC

    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxscript")
    pytest.importorskip("onnxruntime")
    example = torch.rand(2, 3, 16, 17, dtype=dtype)
    program = torch.export.export(small_network().to(dtype), (example,), dynamic_shapes=_DYNAMIC)
    _onnx(program, path, {"scale": 4})
    assert onnx.load(str(path)).graph.input


@pytest.mark.parametrize("track", ["fp16", "bf16", "channels_last", "compile"])
def test_onnx_has_no_other_track(tmp_path: Path, track: str) -> None:
    path = tmp_path / "net_x4.onnx"
    _onnx_in(torch.float32, path)
    words = f"net_x4.onnx runs as it was exported, in fp32, and has no track {track}"
    with pytest.raises(SubmissionError, match=words):
        output(find(str(path)), track=track)


@pytest.mark.slow
def test_an_onnx_graph_in_half_precision(tmp_path: Path) -> None:
    path = tmp_path / "net_x4.onnx"
    _onnx_in(torch.float16, path)
    with pytest.raises(SubmissionError, match=r"write `precision: fp16` into net_x4\.yaml"):
        output(find(str(path)))
    path.with_suffix(".yaml").write_text("name: half\nscale: 4\nprecision: fp16\n")
    for track in (None, "fp16"):
        np.testing.assert_allclose(output(find(str(path)), track=track), expected(), atol=4e-3)


def test_a_script_in_other_tracks(tmp_path: Path) -> None:
    write_torchscript(tmp_path / "net_x4.pt")
    found = find(str(tmp_path / "net_x4.pt"))
    np.testing.assert_allclose(output(found, track="bf16"), expected(), atol=4e-2)
    with pytest.raises(SubmissionError, match=r"torch\.compile takes no TorchScript"):
        output(found, track="compile")


def test_tensors_kept_beside_an_onnx_are_its_own_wherever_the_graph_names_them(
    tmp_path: Path,
) -> None:
    """An initialiser, a constant, one in a branch of an If, and one in a function."""
    onnx = pytest.importorskip("onnx")
    made = onnx.helper

    def tensor(name: str, file: str) -> object:
        value = made.make_tensor(name, onnx.TensorProto.FLOAT, [1], [0.0])
        value.ClearField("float_data")
        value.data_location = onnx.TensorProto.EXTERNAL
        value.external_data.add(key="location", value=file)
        (tmp_path / file).write_bytes(bytes(4))
        return value

    def constant(name: str, file: str) -> object:
        return made.make_node("Constant", [], [name], value=tensor(name, file))

    branch = made.make_graph([constant("c", "branch.bin")], "branch", [], [])
    node = made.make_node("If", ["x"], ["y"], then_branch=branch, else_branch=branch)
    graph = made.make_graph([constant("k", "constant.bin"), node], "g", [], [])
    graph.initializer.append(tensor("w", "net.onnx.data"))
    function = made.make_function(
        "own", "f", [], ["o"], [constant("o", "function.bin")], [made.make_opsetid("", 17)]
    )
    path = tmp_path / "net_x4.onnx"
    path.write_bytes(made.make_model(graph, functions=[function]).SerializeToString())
    kept = {file.name for file in find(str(path)).code_files or ()}
    assert kept == {path.name, "net.onnx.data", "constant.bin", "branch.bin", "function.bin"}


def _message(*fields: tuple[int, bytes]) -> bytes:
    """A protobuf message of fields shorter than 128 bytes."""
    return b"".join(bytes([8 * number + 2, len(content)]) + content for number, content in fields)


def test_what_draws_in_a_graph_is_found_in_branches_too(tmp_path: Path) -> None:
    branch = _message((6, _message((1, _message((4, b"Bernoulli"))))))
    nodes = [_message((4, b"RandomNormalLike")), _message((4, b"If"), (5, branch))]
    graph = _message(*((1, node) for node in [*nodes, nodes[0], _message((4, b"Conv"))]))
    (tmp_path / "net.onnx").write_bytes(_message((7, graph)))
    assert drawing_in(tmp_path / "net.onnx") == {"RandomNormalLike": 2, "Bernoulli": 1}
