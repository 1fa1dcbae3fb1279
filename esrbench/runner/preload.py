"""What a runner imports before a submission is there, by name; this file imports none of it."""

from __future__ import annotations

COUNTING = ("fvcore.nn", "torch.fx.experimental.symbolic_shapes", "torch.distributed.tensor")
"""What is only imported to count."""
SERVING = ("esrbench.runner.serve", "esrbench.runner.shared", *COUNTING)
"""What every runner has imported when it is loaded."""
EXPORTING = (*SERVING, "esrbench.runner.program.write", "safetensors.torch", "torch._dynamo",
             "torch.export._trace")  # fmt: skip
"""... and one that exports, when it has."""
