"""Every flag a record can carry, once: what it means, how it is found, what that can miss.

A flag is a short word in ``RunRecord.flags``. Whoever raises one adds its row here; the badges on
the pages, their legend, the ranking and the documentation read this table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from esrbench.errors import UsageError, nearest

NO_WEIGHTS: Final = "no-weights"
OWN_WEIGHTS: Final = "own-weights"
UNCONFINED: Final = "unconfined"
IN_PROCESS: Final = "in-process"
COUNTERS_DIFFER: Final = "counters-differ"
ELEMENTWISE_WORK: Final = "elementwise-work"
FLAGS_CHANGED: Final = "flags-changed"
OTHER_ARITHMETIC: Final = "other-arithmetic"
MORE_CORES: Final = "more-cores"
NONDETERMINISTIC: Final = "nondeterministic"
DEPENDS_ON_INPUT: Final = "depends-on-input"
TRAINING_MODE: Final = "training-mode"
CHANGES_ITSELF: Final = "changes-itself"
LATE: Final = "late"
CLAIMED: Final = "claimed"
GRAPH_DIFFERS: Final = "graph-differs"
RECOUNT_DIFFERS: Final = "recount-differs"
REMEMBERS: Final = "remembers"
DISTURBS: Final = "disturbs"
OTHER_PROTOCOL: Final = "other-protocol"
BELOW_THRESHOLD: Final = "below-threshold"
LITERATURE: Final = "literature"

Tone = Literal["plain", "warn", "bad"]


@dataclass(frozen=True)
class Flag:
    """One thing a reader must know of a row."""

    key: str
    """As it stands in the record."""
    badge: str
    """A word or two beside the row."""
    meaning: str
    """One plain sentence."""
    found: str
    """How the harness finds it."""
    misses: str
    """What that cannot see."""
    takes_out: bool = False
    """Whether the row leaves the ranking: a ranked figure of it cannot be believed."""
    tone: Tone = "warn"


_ROWS = (
    # ------------------------------------------------------------------ takes the row out
    Flag(NO_WEIGHTS, "no weights",
         "No weights at hand: counts and runtime only.",
         "The weights that the submission names are neither on disk nor to be had.",
         "Nothing: without weights there is no quality.",
         takes_out=True, tone="plain"),
    Flag(IN_PROCESS, "in process",
         "Scored in the caller's own process: quality and counts only, held against nothing.",
         "It was asked for: `score(module, in_process=True)`.",
         "Whatever else that process did to torch, to the metrics or to the images.",
         takes_out=True, tone="plain"),
    Flag(LITERATURE, "published",
         "As published, not measured here.",
         "The row was made of an entry of the literature, not of a record.",
         "Nothing.",
         takes_out=True, tone="plain"),
    Flag("clocks-disagree", "clocks differ",
         "The judge's wall clock and the times taken inside the submission's process disagree.",
         "The judge's clock around each block, less what a block of the baseline takes beside its "
         "calls, against the sum of the block's calls: more by over 3% of it, beyond what the "
         "blocks' own spread explains.",
         "A share below 3%, or below what the spread leaves open; less than 0.2 ms a call, or "
         "than half of what handing over an output takes; below half where there is no baseline. "
         "None of it gains anything: blocks count on the judge's clock.",
         takes_out=True, tone="bad"),
    Flag("below-floor", "below floor",
         "Faster than this device can do so much arithmetic: the clock or the count is wrong.",
         "The median against the row's MACs at the best rate that was measured on the device.",
         "Whatever stays above the floor, which is far below what most networks reach.",
         takes_out=True, tone="bad"),
    Flag("timers-patched", "timers patched",
         "The submission replaced a timing function.",
         "References taken before the submission is imported are compared after each block.",
         "A clock changed below Python; the judge's own clock stands outside the process.",
         takes_out=True, tone="bad"),
    Flag(FLAGS_CHANGED, "settings changed",
         "The submission changed a setting of its process that the protocol fixes, while it ran.",
         "Threads, cores, niceness, scheduling, variables, default type and device, modes left on, "
         "autocast, float32 precision, TF32, the switches of cuDNN, oneDNN, attention, einsum and "
         "compilers, deterministic algorithms and flushed denormals are put back before each "
         "phase, and compared after each timed block and each scored forward.",
         "A setting that is turned and turned back within one call.",
         takes_out=True, tone="bad"),
    Flag(OTHER_ARITHMETIC, "other arithmetic",
         "It computes in another precision than its track's: over 1% of its MACs.",
         "The types of the operands of every operator with a MAC formula, in a counted forward.",
         "Arithmetic inside operators that no counter sees through, and what a graph in another "
         "runtime does.",
         takes_out=True, tone="bad"),
    Flag("timed-output-differs", "output differs",
         "A timed call gave another output than an untimed one of the same input.",
         "The output of a call that the judge draws is held against a second, untimed forward.",
         "Calls that were not drawn.",
         takes_out=True, tone="bad"),
    Flag(LATE, "handed in late",
         "It was handed in after the challenge had closed.",
         "The time it was taken in, against the close in challenge.yaml.",
         "A clock that is set back.",
         takes_out=True, tone="plain"),
    Flag(BELOW_THRESHOLD, "below threshold",
         "An unrounded figure does not reach what the challenge asks for, or a cost is over its "
         "limit.",
         "Unrounded figures against the thresholds in challenge.yaml.",
         "Nothing.",
         takes_out=True, tone="plain"),
    Flag(OTHER_PROTOCOL, "other protocol",
         "Its authors measure quality otherwise, with another border or on other channels: their "
         "figures are not for comparing with these.",
         "The crop_border and test_y_channel of its option file against those of the protocol.",
         "An evaluation that its authors did with something else than its option file."),
    Flag(MORE_CORES, "more cores",
         "It computed on more cores than it was given while it was timed.",
         "CPU time of all its processes within the blocks, read from the system, against the "
         "judge's wall clock times the threads that were asked for.",
         "Less than a fifth more; work that another process of the machine does for it.",
         takes_out=True, tone="bad"),
    Flag(CLAIMED, "claimed",
         "Its figures are what its own code says: its network is not to be had as a graph that "
         "could be run without that code.",
         "The network is exported (torch.export, free height and width) and the graph run in a "
         "process without the submission's code; what does not export is claimed. It is counted "
         "again and replayed in another process.",
         "What a code says of itself in the same way in every process.",
         takes_out=True, tone="plain"),
    Flag(GRAPH_DIFFERS, "graph differs",
         "What it exports and what it runs are not the same network.",
         "The outputs of graph and submission on the same images, by more than rounding explains, "
         "where the graph is sound.",
         "Images that were not drawn: their figures are the graph's in any case.",
         takes_out=True, tone="bad"),
    Flag(RECOUNT_DIFFERS, "recount differs",
         "Counted again, elsewhere or later, it comes to more than it said.",
         "The graph's own counts, or those of a fresh process on a real image and of the first one "
         "at the end of the run, against the first count.",
         "A code that says the same in every process and at any time.",
         takes_out=True, tone="bad"),
    Flag(REMEMBERS, "remembers images",
         "It remembers the test set: on the same photographs turned, cut and dimmed it does worse "
         "than any honest network does.",
         "Mirrored or turned, cut at a place that is drawn, and dimmed copies of test images "
         "against the same part of the originals; its record has the figure.",
         "Remembered images that are recognised after all of this, and training on the test set "
         "that costs no quality on such copies.",
         takes_out=True, tone="bad"),
    Flag(DISTURBS, "disturbs others",
         "Processes of this row, or of what it was timed against, worked or were stopped while the "
         "other was timed.",
         "CPU time and state of both sides' processes at the ends of each block; such a block is "
         "measured again, and where that does not help the row is flagged.",
         "Less than a tenth of a core's time.",
         takes_out=True, tone="bad"),
    # ------------------------------------------------------------------ what was counted
    Flag(COUNTERS_DIFFER, "MACs differ",
         "The two counters of MACs are over 1% apart; the larger count is the one that is ranked, "
         "and the other stands beside it.",
         "fvcore's count against that of a counter at torch's dispatcher, by kind of operator.",
         "Work that neither of them sees."),
    Flag("opaque-ops", "uncounted ops",
         "It has operators that no counter sees through: its MACs are a lower bound.",
         "Scripted modules, autograd functions and operators without a formula, by name.",
         "Work done outside torch."),
    Flag(ELEMENTWISE_WORK, "work by element",
         "It does over half as many operations element by element as MACs: its MACs do not tell "
         "its work.",
         "Element-wise operations and sums in a counted forward, against its MACs: a convolution "
         "written as shifts and multiplications, or attention as `(q * k).sum()`, has 0 MACs.",
         "Fewer than half as many, and fewer than 20 an element of the output."),
    Flag("weights-outside-parameters", "hidden weights",
         "Tensors that are neither parameters nor small take part: the count of parameters is too "
         "low.",
         "Every tensor that enters an operator of the forward is looked up among the parameters.",
         "Numbers written into the code, and tensors made anew in each forward."),
    Flag("params-change", "params change",
         "The number of parameters differs before and after the first forward: it fuses or prunes "
         "itself.",
         "Counted before and after.",
         "A change in a later forward."),
    Flag("macs-change", "MACs change",
         "The first forward and a later one do not do the same work.",
         "Both are counted.",
         "Work that depends on the input's content."),
    Flag(DEPENDS_ON_INPUT, "depends on input",
         "What it computes depends on the image: its MACs are a mean, with a range on its page.",
         "Counted on black, white, noise and two photographs, unless a forward on tensors without "
         "values did the same work; then on every image of the ranked dataset.",
         "A choice that none of these images brings about."),
    # ------------------------------------------------------------------ whether it is steady
    Flag(NONDETERMINISTIC, "varies",
         "The same image gives another output each time, so that its quality is the mean of "
         "several passes, shown with their spread; its page says why.",
         "A drawn image is asked for twice, with others between, and held against what rounding "
         "explains; with eight seeds more where a forward draws; of a row without a graph also in "
         "a new process.",
         "A difference smaller than that, and one that shows after more forwards than were made."),
    Flag(TRAINING_MODE, "training mode",
         "Dropout or BatchNorm is in training mode: its output depends on chance, or on the batch.",
         "Operators, modules and calls of dropout as a function, of one forward.",
         "Layers of its own that do the same under another name."),
    Flag(CHANGES_ITSELF, "changes itself",
         "A forward changes parameters or buffers of the network.",
         "Their values before and after a forward.",
         "State kept in plain attributes, unless it changes the output."),
    # ------------------------------------------------------------------ how it was timed
    Flag("few-blocks", "few blocks",
         "Too few timing blocks for the interval to rest on their ranks: read it with care.",
         "The number of counted blocks.",
         "Nothing."),
    Flag("wide-interval", "wide interval",
         "Timing ended before the ratio's interval was as narrow as the protocol asks for.",
         "The interval's half width when the time was up.",
         "Nothing."),
    Flag("throttled", "throttled",
         "The device throttled while it was timed, and measuring again did not help.",
         "The driver's throttle reasons, read around each block (GPUs only).",
         "A CPU that lowers its clock, and whatever a driver does not tell."),
    # ------------------------------------------------------------------ what it puts out
    Flag("mutates-input", "mutates input",
         "The submission writes into its input.",
         "The input's bytes before and after each forward.",
         "Nothing within the images that are scored."),
    Flag("output-float16", "fp16 output", "Its outputs are half precision, not float32.",
         "The type of each output.", "Arithmetic inside in another type than the output's."),
    Flag("output-bfloat16", "bf16 output", "Its outputs are bfloat16, not float32.",
         "The type of each output.", "Arithmetic inside in another type than the output's."),
    Flag("output-float64", "fp64 output", "Its outputs are double precision, not float32.",
         "The type of each output.", "Arithmetic inside in another type than the output's."),
    # ------------------------------------------------------------------ where it comes from
    Flag(UNCONFINED, "unconfined",
         "It ran without walls (--sandbox none): it could read the ground truth and write here.",
         "The tier that its processes were started in.",
         "Nothing."),
    Flag(OWN_WEIGHTS, "trained here",
         "With weights that this project trained, not the authors': its quality is not the "
         "paper's.",
         "The submission's manifest says so.",
         "A manifest that does not say so."),
    Flag("unverified-weights", "unverified",
         "The weights were not held against a checksum that the submission declares.",
         "The manifest has no checksum.",
         "Nothing."),
)  # fmt: skip

FLAGS: Final[dict[str, Flag]] = {flag.key: flag for flag in _ROWS}
"""By key, those that take a row out first."""


def flag_of(key: str) -> Flag:
    """The row of ``key``; one made up for a key without a row, as of a newer esrbench's record."""
    if key in FLAGS:
        return FLAGS[key]
    meaning = "A flag that this esrbench has no description of."
    if key.startswith("output-"):
        kinds = key.removeprefix("output-").replace("-", " and ")
        meaning = f"Its outputs are {kinds}, not float32 throughout."
    return Flag(key, key.replace("-", " "), meaning, "Not known here.", "Not known here.")


def taking_out(keys: Iterable[str], allowed: Collection[str] = ()) -> list[Flag]:
    """The flags among ``keys`` that take a row out of the ranking, but for ``allowed`` ones."""
    return [f for f in map(flag_of, keys) if f.takes_out and f.key not in allowed]


def check_allowed(keys: Sequence[str]) -> frozenset[str]:
    """``keys`` of ``--allow``; raises UsageError for one that takes no row out."""
    known = [flag.key for flag in FLAGS.values() if flag.takes_out and flag.key != LITERATURE]
    for key in keys:
        if key == LITERATURE:
            raise UsageError(
                f"--allow {key}: what was published is never ranked with what is measured."
            )
        if key in FLAGS and key not in known:
            raise UsageError(f"--allow {key}: this flag takes no row out of the ranking.")
        if key not in known:
            raise UsageError(f"--allow {key}: there is no such flag{nearest(key, known)}")
    return frozenset(keys)
