"""What a runner can be asked: one frozen model an operation, bound to the type of its answer."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, Literal, TypeVar

from esrbench.runner import answers
from esrbench.runner.bounded import Name, Number, Part, Shape, Slot

A = TypeVar("A", bound=answers.Answer)


class Request(Part, Generic[A]):
    """A question whose answer is an ``A``; its name on the wire is its class's."""

    op: ClassVar[str]

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        cls.op = cls.__name__

    @classmethod
    def answer(cls) -> type[A]:
        """The type of the answer, as the class says it: ``class Count(Request[Counted])``."""
        for base in cls.__mro__:
            arguments = getattr(base, "__pydantic_generic_metadata__", {}).get("args")
            if arguments:
                found: type[A] = arguments[0]
                return found
        raise TypeError(f"{cls.__name__} does not say what answers it")


class Hello(Request[answers.Done]):
    """Are you there?"""


class Load(Request[answers.Loaded]):
    """Build the submission on its device."""

    form: Name
    folder: str
    """The submission's own."""
    entry_file: str
    entry_function: str
    build_arguments: dict[str, Any]
    scale: int
    data_range: float
    channels: Literal["rgb", "y"] | None
    multiple: int
    min_size: int
    weights: str | None
    weights_key: str | None
    device: Name
    """``cpu`` or ``cuda:N``."""
    track: Name
    threads: int


class RunFolder(Request[answers.Done]):
    """Have a function read the LR images in one folder and write SR images into another."""

    entry_file: str
    build_arguments: dict[str, Any]
    lr: str
    sr: str
    device: Name
    threads: int


class Forward(Request[answers.Forwarded]):
    """SR for the LR of ``shape`` in ``slot``."""

    slot: Slot
    shape: Shape


class Count(Request[answers.Counted]):
    """Params, MACs by each counter, activations and convs at one LR shape."""

    shape: Shape
    slot: Slot | None = None
    """Where the image is; None for noise."""
    seed: Number = 0
    values: bool = True
    """False: on tensors with shapes and no memory, where a forward takes more than there is."""


class Spend(Request[answers.Spent]):
    """MACs, activations and convs of one forward of the image in ``slot``."""

    shape: Shape
    slot: Slot
    seed: Number


class Behave(Request[answers.Behaved]):
    """What one forward of the image in ``slot`` draws, trains and changes."""

    shape: Shape
    slot: Slot


class Seed(Request[answers.Done]):
    """Set every random generator to one seed."""

    seed: Number


class Memory(Request[answers.Remembered]):
    """Peak bytes of one forward at one LR shape."""

    shape: Shape


class GrowProcess(Request[answers.Remembered]):
    """By how much one forward at an LR shape makes the process grow."""

    shape: Shape


class Describe(Request[answers.Described]):
    """Receptive fields, smallest input, multiple."""

    weights: str | None
    data_range: float


class Pool(Request[answers.Done]):
    """Keep the images in slot 0, one behind the other, as the inputs of timed calls."""

    sizes: tuple[tuple[Number, Number], ...]
    """Height and width of each."""


class WarmUp(Request[answers.WarmedUp]):
    """Call until the time is up and the calls are steady."""

    seconds: float


class TimeBlock(Request[answers.Timed]):
    """Time one block of calls, an input of new values for each; of none, what asking takes."""

    indices: tuple[Number, ...]
    """Which images of the pool ..."""
    gains: tuple[float, ...]
    """... and by how much each is dimmed."""
    room: Number
    """Floats that outputs may take in slot 0, one behind the other; the next one after that begins
    anew. Which is looked at is drawn when all of them are there."""
    policy: Name
    """Of ``protocol.schema.Timing``."""


class Replay(Request[answers.Image]):
    """The untimed output for one of a block's inputs, in slot 1."""

    index: Number
    gain: float


class LookIntoLayers(Request[answers.Layers]):
    """Time, MACs and bytes of every operator of one forward, on the pool's first image."""


class MeasureCeilings(Request[answers.Ceilings]):
    """What the device can do at best; asked of a runner that has no submission."""

    device: Name
    threads: int


class Export(Request[answers.Exported]):
    """Write the loaded network as a program into slot 0 of the SR."""


class LoadProgram(Request[answers.Loaded]):
    """Take the program that stands in slot 0 of the LR: nothing else of a submission is here."""

    document_bytes: Number
    tensor_bytes: Number
    scale: int
    multiple: int
    min_size: int
    device: Name
    track: Name
    threads: int


class WriteWeights(Request[answers.WrittenWeights]):
    """Write the loaded network's tensors to ``path`` as safetensors."""

    path: str


class WriteGraph(Request[answers.WrittenGraph]):
    """Write the loaded network's graph to ``path``."""

    kind: Literal["pt2", "onnx"]
    path: str
    facts: dict[str, Any]
    """What the file carries of the manifest."""
