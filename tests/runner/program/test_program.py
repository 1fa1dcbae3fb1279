"""A network as data: what is written comes back the same, and nothing but an image's sums does."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load, save
from torch import Tensor, nn

from esrbench.errors import SubmissionError
from esrbench.runner.program.document import Document, Node, parse
from esrbench.runner.program.operators import function_of
from esrbench.runner.program.read import module_of
from esrbench.runner.program.write import export, tensors_of, written

CPU = torch.device("cpu")


class Sound(nn.Module):
    """A convolution, a mean that is no parameter, one weight under two names, sizes in use."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 3, 3, padding=1)
        self.second = nn.Conv2d(3, 48, 3, padding=1, bias=False)
        self.third = self.first
        self.register_buffer("mean", torch.full((1, 3, 1, 1), 0.4))

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            y = F.relu(self.first(x - self.mean), inplace=True)
        y = self.third(y) * torch.sigmoid(y.mean(dim=(2, 3), keepdim=True))
        y = F.interpolate(y, size=(x.shape[2] * 4, x.shape[3] * 4), mode="nearest")
        return y + F.pixel_shuffle(self.second(x), 4) + self.mean


def carried(module: nn.Module) -> nn.Module:
    """``module`` as another process has it."""
    program = export(module.eval(), multiple=1, min_size=1, device=CPU)
    document, tensors = written(program)
    bytes_ = document.model_dump_json().encode(), save(dict(tensors_of(tensors)))
    return module_of(parse(bytes_[0]), load(bytes_[1]), CPU)


@pytest.fixture(autouse=True)
def _no_gradients():
    with torch.no_grad():
        yield


def test_what_comes_back_is_the_same_network_at_any_size() -> None:
    torch.manual_seed(0)
    own = Sound().eval()
    graph = carried(own)
    for size in ((16, 24), (37, 51), (9, 8)):
        x = torch.rand(1, 3, *size)
        assert torch.equal(graph(x), own(x))
    # 3*3*9+3 and 48*27; the weight with two names is counted once, the mean is no parameter.
    assert sum(p.numel() for p in graph.parameters()) == 84 + 1296


class Pools(nn.Module):
    """To a share of the size, as SAFMN's family does."""

    def forward(self, x: Tensor) -> Tensor:
        h, w = x.shape[2:]
        small = F.adaptive_max_pool2d(x, (max(1, h // 8), max(1, w // 4)))
        least = F.adaptive_max_pool2d(x, output_size=(h // 2, 5))
        whole = nn.AdaptiveMaxPool2d(1)(x)
        return (
            x + sum(F.interpolate(y, size=(h, w), mode="nearest") for y in (small, least)) + whole
        )


class Slices(nn.Module):
    """Writes into a part of what it computed itself."""

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(x)
        y[:, :2] = torch.sigmoid(y[:, 1:])
        return torch.where((y > 0.2) & (y < 0.7), y, x)


class Fills(nn.Module):
    """Makes room first, of each kind, and fills it."""

    def forward(self, x: Tensor) -> Tensor:
        made = x.new_empty(x.shape), torch.empty_like(x), torch.empty(x.shape)
        for room in made:
            room[:, :] = x
        return sum(made, start=x)


class Autocasts(nn.Module):
    """For a device that is not the one in use, and for none: what changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast("cuda", torch.float16, enabled=True):
            y = self.first(x)
        with torch.autocast("cpu", torch.bfloat16, enabled=False):
            return self.first(y)


@pytest.mark.parametrize(
    "module", [Pools, Slices, Fills, Autocasts], ids=lambda module: module.__name__
)
def test_what_computes_is_carried(module: type[nn.Module]) -> None:
    own = module().eval()
    graph = carried(own)
    for size in ((40, 48), (61, 47), (38, 83), (64, 64)):
        x = torch.rand(1, 3, *size)
        assert torch.equal(graph(x), own(x))


class Draws(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x + torch.rand_like(x)


class Chooses(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x if float(x.mean()) > 0.5 else -x


class Remembers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("last", torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        self.last += 1
        return x + self.last


class Unpacks(nn.Module):
    """Four weights in one number of four bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.packed = nn.Parameter(torch.rand(3))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.packed.view(torch.uint8).float().mean()


class Halves(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return self.first(x).float()


@torch.library.custom_op("esrbenchtest::secret", mutates_args=())
def secret(x: Tensor) -> Tensor:
    return x.clone()


@secret.register_fake
def _(x: Tensor) -> Tensor:
    return torch.empty_like(x)


class Custom(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return secret(x)


def test_autocast_is_called_by_its_name() -> None:
    with pytest.raises(SubmissionError, match="under autocast for cpu"):
        carried(Halves())


@pytest.mark.parametrize(
    "module", [Draws, Chooses, Remembers, Unpacks, Halves, Custom], ids=lambda kind: kind.__name__
)
def test_what_is_no_fixed_sum_has_no_graph(module: type[nn.Module]) -> None:
    """None that is exported, or none that answers."""
    with pytest.raises(SubmissionError):
        carried(module())(torch.rand(1, 3, 16, 16))


@pytest.mark.parametrize(
    "name",
    [
        "aten.from_file.default", "aten.set_.source_Tensor", "aten.rand.default",
        "aten.resize_.default", "aten.empty.memory_format", "aten.as_strided.default",
        "aten.view.dtype", "aten.bernoulli_.float",
        "os.system", "operator.attrgetter", "operator.pow", "builtins.eval", "math.gamma",
        "torch.load", "esrbenchtest.secret.default", "aten.conv2d.nonsense",
        "aten.__init__.default",
    ],
)  # fmt: skip
def test_an_operator_that_is_no_sum_is_refused(name: str) -> None:
    with pytest.raises(SubmissionError):
        function_of(name)


def document(*nodes: dict[str, Any], output: Any = None, kinds: tuple[str, ...] = ()) -> bytes:
    made = {"version": 1, "nodes": nodes, "output": output or {"input": 0}, "kinds": kinds}
    return json.dumps(made).encode()


RELU = {"op": "aten.relu.default", "args": [{"input": 0}]}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b'{"version": 1}',
        document({"op": "__import__('os').system", "args": []}),
        document({"op": "aten.relu.default\n", "args": []}),
        document({"op": "aten.relu.default", "args": [{"node": 0}]}),  # itself
        document(RELU, output={"node": 1}),  # of what does not come
        document(RELU, output={"node": -1}),
        document(RELU, output={"node": True}),
        document({"op": "aten.relu.default", "args": [{"tensor": 0}]}),  # none travels beside
        document({"op": "aten.relu.default", "args": [{"dtype": "quint8"}]}),
        document({"op": "aten.relu.default", "args": [{"__class__": "x"}]}),
        document({"op": "aten.relu.default", "args": [{"input": 0}, 1, 2]}),
        document({"op": "aten.relu.default", "args": [], "kwargs": {"who": 1}}),
        document(RELU, kinds=("parameter",)),  # named, and not there
        document({"op": "aten.cat.default", "args": [[[[[[[[[{"input": 0}]]]]]]]]]}),
    ],
)  # fmt: skip
def test_what_is_no_program_is_refused(body: bytes) -> None:
    with pytest.raises(SubmissionError):
        module_of(parse(body), {}, CPU)


_SAME_MEMORY: dict[str, tuple[Any, ...]] = {
    "itself": (),
    "detach": ("aten.detach.default",),
    "alias": ("aten.alias.default",),
    "view": ("aten.view.default", [1, 3, 4, 4]),
    "reshape": ("aten.reshape.default", [1, 3, 4, 4]),
    "slice": ("aten.slice.Tensor", 0, 0, 1),
    "contiguous": ("aten.contiguous.default",),
    "to": ("aten.to.dtype", {"dtype": "float32"}),
}


@pytest.mark.parametrize("way", ["aten.add_.Tensor", "aten.copy_.default", "aten.add.out"])
@pytest.mark.parametrize("memory", _SAME_MEMORY)
def test_a_graph_that_writes_into_its_weights_does_not_run(memory: str, way: str) -> None:
    """Whatever they are called by then."""
    op, *more = _SAME_MEMORY[memory] or ("",)
    nodes = [Node(op=op, args=({"tensor": 0}, *more))] if op else []
    target: Any = {"node": 0} if op else {"tensor": 0}
    if way.endswith("out"):
        nodes.append(Node(op=way, args=({"input": 0}, {"input": 0}), kwargs={"out": target}))
    else:
        nodes.append(Node(op=way, args=(target, {"input": 0})))
    made = Document(nodes=tuple(nodes), output={"input": 0}, kinds=("parameter",))
    graph = module_of(made, {"0": torch.zeros(1, 3, 4, 4)}, CPU)
    with pytest.raises(SubmissionError, match="writes into its own tensors"):
        graph(torch.rand(1, 3, 4, 4))


def test_room_that_is_not_filled_holds_nothing_of_before() -> None:
    class Reads(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x + torch.empty_like(x)

    program = export(Reads(), multiple=1, min_size=1, device=CPU)
    graph = module_of(written(program)[0], {}, CPU)
    x = torch.rand(1, 3, 64, 64)
    assert torch.equal(graph(x), x)


@pytest.mark.parametrize(
    ("op", "args", "kwargs"),
    [
        ("aten.dropout.default", (0.5, True), {}),
        ("aten.feature_dropout.default", (0.5,), {"train": True}),
        ("aten.scaled_dot_product_attention.default", ({"input": 0}, {"input": 0}, None, 0.5), {}),
        ("aten.scaled_dot_product_attention.default", ({"input": 0},) * 2, {"dropout_p": 0.1}),
    ],
)
def test_nothing_is_drawn(op: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    nodes = (Node(op=op, args=({"input": 0}, *args), kwargs=kwargs),)
    with pytest.raises(SubmissionError, match="draws what it drops"):
        module_of(Document(nodes=nodes, output={"node": 0}, kinds=()), {}, CPU)


def test_names_cannot_carry_code() -> None:
    """A word that an operator takes stands in the graph's source as a word."""
    word = "'); raise SystemExit('"
    nodes = (Node(op="aten.gelu.default", args=({"input": 0},), kwargs={"approximate": word}),)
    graph = module_of(Document(nodes=nodes, output={"node": 0}, kinds=()), {}, CPU)
    with pytest.raises(RuntimeError):
        graph(torch.rand(1, 3, 4, 4))
