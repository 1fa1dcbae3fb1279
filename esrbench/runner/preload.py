"""What a runner imports before a submission is there, by name; this file imports none of it."""

from __future__ import annotations

COUNTING = (
    "fvcore.nn", "torch.fx.experimental.symbolic_shapes", "torch.distributed.tensor",
    "torch._functorch.config", "esrbench.counting.ghosts",
)  # fmt: skip
"""What is only imported to count."""
SERVING = ("esrbench.runner.serve", "esrbench.runner.shared", *COUNTING)
"""What every runner has imported when it is loaded."""
EXPORTING = (
    *SERVING, "esrbench.runner.program.write", "safetensors.torch", "torch._dynamo",
    "torch.export._trace", "torch.fx.experimental.validator", "torch._inductor.sizevars",
    "torch._inductor.compiler_bisector", "torch._inductor.fx_passes.dedupe_symint_uses",
    "torch._subclasses.schema_check_mode", "torch._export.passes.replace_autocast_with_hop_pass",
    "torch._export.passes.replace_set_grad_with_hop_pass", "sympy.tensor.tensor", "numpy.ctypeslib",
)  # fmt: skip
"""... and one that exports, when it has. Those of torch's own that another release lacks are left
for whoever needs what stands in their place."""
