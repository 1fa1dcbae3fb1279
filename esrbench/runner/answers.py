"""What a runner may answer: one frozen model an operation.

All of it is a claim of the submission's process. These types bound what a claim can be; the judge
decides what it is worth.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator

from esrbench.runner.bounded import (
    Milliseconds,
    Name,
    Named,
    Number,
    Part,
    Rate,
    Sentence,
    Sentences,
    Shape,
    Words,
)


class Answer(Part):
    """One answer."""


class Done(Answer):
    """It is done, and there is nothing to say of it."""


class Switches(Part):
    """The switches of torch that change what a runtime or a digit means, as they stand now."""

    threads: Number
    cuda_matmul_tf32: bool
    cudnn_tf32: bool
    cudnn_benchmark: bool
    autocast_cpu: bool
    autocast_cuda: bool
    default_dtype: Name
    changed: Annotated[tuple[Name, ...], Field(max_length=100)] = ()
    """What is not as the protocol fixes it (``runner/fixed_state.py``), in words."""


TorchFacts = Annotated[
    dict[Name, bool | int | Name | tuple[Number, ...] | None], Field(max_length=50)
]
"""What only torch can tell of its build (``timing/environment.py``)."""


class Loaded(Answer):
    """The submission is on its device."""

    params: Number
    flags: Switches
    torch: TorchFacts
    notes: Annotated[tuple[Sentence, ...], Field(max_length=20)] = ()
    """What its loader made of what stands there (``LoadRequest.notes``)."""
    put_back: Annotated[tuple[Name, ...], Field(max_length=100)] = ()
    """What building the network had changed, and was put back."""


class Image(Answer):
    """An SR stands in a slot."""

    shape: Shape
    """Of what the network gave; the judge knows what it should be."""


class Forwarded(Image):
    """One SR, and what its forward did besides."""

    dtype: Annotated[str, Field(pattern=r"^torch\.[a-z0-9_]{1,40}$")]
    ms: Milliseconds
    """The runner's own time of this one call; shown, never ranked."""
    input_untouched: bool
    flags: Switches


class OperatorMacs(Part):
    """One operator's share of the MACs."""

    operator: Name
    macs: Number
    calls: Number


class CountFacts(Part):
    """What counting saw besides the counts (``counting/count.py``); None: nobody could tell."""

    macs_by_family: Named | None = None
    other_operations: Named | None = None
    convs_dispatch: Number | None = None
    activations_dispatch: Number | None = None
    depth: Number | None = None
    macs_dispatch_first_forward: Number | None = None
    params_used: Number | None = None
    weights_not_parameters: Number | None = None
    dtypes: Named | None = None
    macs_by_operator_fvcore: Named | None = None
    modules_never_called: Annotated[tuple[Name, ...], Field(max_length=20_000)] | None = None
    counters_differ: Words | None = None


class Counted(Answer):
    """``complexity.counts.Counts``, field by field: what each means is written there."""

    input_shape: tuple[Number, Number, Number, Number]
    params: Number
    params_before_forward: Number
    params_after_forward: Number
    buffers: Number
    constant_elements: Number
    macs: Number | None
    macs_fvcore: Number | None
    macs_dispatch: Number | None
    macs_ntire2022: Number | None
    macs_arm: Number | None
    activations: Number | None
    activations_fvcore: Number | None
    convs: Number | None
    unsupported_ops: Named
    opaque_ops: Words
    by_operator: Annotated[tuple[OperatorMacs, ...], Field(max_length=2000)]
    by_module: Named
    facts: CountFacts
    flags: Words
    missing: Sentences
    input_free: bool = False


class Spent(Answer):
    """What one forward of one image cost."""

    macs: Number
    activations: Number
    convs: Number


class Behaved(Answer):
    """``complexity.behaviour.Behaviour``; of a network that cannot be looked into all is none."""

    drawing: Named
    dropout: Number
    batch_norm: Number
    changed: Annotated[tuple[Name, ...], Field(max_length=20_000)]


class Remembered(Answer):
    """Peak bytes of one forward by kind: ``allocated``, ``reserved``, ``live_tensors``,
    ``process_growth``; a kind that the runner cannot see is not there."""

    memory: Annotated[dict[Name, Number], Field(max_length=8)]


class ReceptiveFieldFact(Part):
    """``complexity.receptive_field.ReceptiveField``."""

    height: Number
    width: Number
    bounded: bool


class EffectiveFieldFact(Part):
    """``complexity.effective_field.EffectiveField``."""

    map: Annotated[
        tuple[Annotated[tuple[float, ...], Field(max_length=256)], ...], Field(max_length=256)
    ]
    side_95: Number
    side_99: Number


class InputSizesFact(Part):
    """``complexity.input_sizes.InputSizes``."""

    smallest: Number | None
    multiple: Number | None
    failing: Annotated[tuple[Number, ...], Field(max_length=200)]


class Facts(Part):
    """What a network is, wherever it runs (``counting/static_facts.py``)."""

    receptive_field: ReceptiveFieldFact | None = None
    effective_field: EffectiveFieldFact | None = None
    input_sizes: InputSizesFact | None = None
    weight_file_bytes: Number | None = None
    weight_file_bytes_per_param: Annotated[float, Field(ge=0)] | None = None
    numbers: Annotated[
        dict[Name, Annotated[float, Field(allow_inf_nan=False)]], Field(max_length=50)
    ] = Field(default_factory=dict)
    """Plain ones by a cost's key: a new fact that is one needs no field here."""

    @field_validator("numbers")
    @classmethod
    def _of_costs(cls, numbers: dict[str, float]) -> dict[str, float]:
        """Only what has a row: nothing else that reads facts can be handed something odd."""
        if numbers:
            from esrbench.quantities.costs import COSTS

            for key in numbers:
                if key not in COSTS:
                    raise ValueError(f"{key!r} has no row in quantities/costs.py")
        return numbers

    def present(self) -> dict[str, Any]:
        """As of any part; the plain numbers stand among the others."""
        found = super().present()
        return {**found.pop("numbers"), **found}


class Described(Answer):
    """What could be found out, and why the rest could not."""

    facts: Facts
    missing: Sentences


class WarmedUp(Answer):
    """``timing.warmup.WarmUp``."""

    calls: Number
    seconds: Annotated[float, Field(ge=0)]
    stable: bool
    first_ms: Milliseconds
    last_ms: Milliseconds


class Timed(Answer):
    """``timing.block.BlockTimes`` of one block, whose outputs are in slot 0."""

    call_ms: Annotated[tuple[Milliseconds, ...], Field(max_length=20_000)]
    process_ms: Milliseconds
    clock: Name
    tampered: Annotated[tuple[Name, ...], Field(max_length=50)]
    flags: Switches


class LayerRow(Part):
    """``runner.layers.LayerCost``."""

    module: Name
    operator: Name
    calls: Number
    ms: Milliseconds
    macs: Number
    bytes: Number


class Layers(Answer):
    """Where one forward spends its time."""

    layers: Annotated[tuple[LayerRow, ...], Field(max_length=5000)]
    weight_bytes: Number


class Ceilings(Answer):
    """What the device can do at best."""

    copy_bytes_per_s: Rate
    macs_per_s: Annotated[dict[Name, Rate], Field(min_length=1, max_length=16)]
    launch_s: Annotated[float, Field(gt=0)]


class WrittenWeights(Answer):
    """How many tensors were written; none: no file."""

    tensors: Number


class Exported(Answer):
    """A program (``runner/program``) stands in slot 0 of the SR: document, then tensors."""

    document_bytes: Number
    tensor_bytes: Number
    nodes: Number
    traced: tuple[Number, Number]
    """Height and width of the example that it was traced with."""


class WrittenGraph(Answer):
    """The multiple its sizes must be of."""

    multiple: Annotated[int, Field(ge=1, le=4096)]
