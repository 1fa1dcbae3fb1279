"""What the operators without a MAC formula do: move data, work element by element, or unknown.

Whatever is neither counted nor known to be cheap is *unknown*, and a record names it: nothing is
passed over.
"""

from __future__ import annotations

import math
from typing import Any, Final, Literal

import torch

Kind = Literal["move", "elementwise", "reduce", "normalise", "pool", "unknown"]

_MOVE_NAMES: Final = """
    _to_copy _unsafe_view _local_scalar_dense _efficientzerotensor _conj_physical _pin_memory
    arange argwhere as_strided_copy cat channel_shuffle clone complex constant_pad_nd contiguous
    copy copy_ diag_embed empty empty_like empty_permuted empty_strided eye fill fill_ flip full
    full_like gather im2col col2im index index_copy index_put index_put_ index_select
    lift_fresh lift_fresh_copy lift linspace masked_fill masked_fill_ masked_scatter masked_select
    native_channel_shuffle new_empty new_empty_strided new_full new_ones new_zeros nonzero ones
    ones_like pixel_shuffle pixel_unshuffle rand rand_like randint randn randn_like randperm
    bernoulli bernoulli_ normal normal_ uniform uniform_ native_dropout exponential exponential_
    geometric_ cauchy_ log_normal_ multinomial random random_
    reflection_pad1d reflection_pad2d replication_pad1d replication_pad2d repeat
    repeat_interleave resize_ roll rot90 scalar_tensor scatter scatter_ select_scatter set_
    slice_scatter stack take tril triu upsample_nearest1d upsample_nearest2d
    upsample_nearest3d _upsample_nearest_exact2d where zero_ zeros zeros_like
    sym_size sym_numel sym_stride is_same_size _has_compatible_shallow_copy_type
    split_copy split_with_sizes_copy unbind_copy view_copy permute_copy tril_indices
    triu_indices detach embedding unsafe_split unsafe_split_with_sizes unsafe_chunk
    transpose_ t_ squeeze_ unsqueeze_ swapaxes_ swapdims_ as_strided_ detach_ max_unpool2d
    max_unpool3d
"""
_REDUCE_NAMES: Final = """
    all amax amin any argmax argmin argsort cummax cummin cumprod cumsum equal linalg_vector_norm
    logsumexp max mean median min nansum norm prod searchsorted sort std std_mean sum topk var
    var_mean bincount kthvalue aminmax logcumsumexp unique_dim _unique2 isin histc frobenius_norm
"""
_NORMALISE_NAMES: Final = """
    native_layer_norm native_group_norm native_batch_norm cudnn_batch_norm miopen_batch_norm
    _native_batch_norm_legit _native_batch_norm_legit_no_training _batch_norm_with_update
    _batch_norm_no_update _softmax _log_softmax _safe_softmax _fused_rms_norm
    batch_norm_elemt _masked_softmax _weight_norm_interface renorm
"""
_POOL_NAMES: Final = """
    avg_pool1d avg_pool2d avg_pool3d _adaptive_avg_pool2d _adaptive_avg_pool3d
    adaptive_max_pool2d max_pool2d max_pool2d_with_indices max_pool3d_with_indices
    mkldnn_max_pool2d mkldnn_max_pool3d fractional_max_pool2d fractional_max_pool3d
"""

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(_MOVE_NAMES.split(), "move"),
    **dict.fromkeys(_REDUCE_NAMES.split(), "reduce"),
    **dict.fromkeys(_NORMALISE_NAMES.split(), "normalise"),
    **dict.fromkeys(_POOL_NAMES.split(), "pool"),
    "_prelu_kernel": "elementwise",
    "glu": "elementwise",
    "linalg_cross": "elementwise",
    "rrelu_with_noise": "elementwise",
    "_thnn_fused_lstm_cell": "elementwise",  # the gates alone: their products are mm
    "_thnn_fused_gru_cell": "elementwise",
}


def kind_of(operator: Any) -> Kind:
    """Sort an ``OpOverload`` that has no MAC formula; operators outside aten are unknown."""
    space, _, name = operator._schema.name.partition("::")
    if space not in ("aten", "prims", "prim"):
        return "unknown"
    if space == "prim" or is_view(operator):
        # prim::device and its like only ask about a tensor.
        return "move"
    if name in _KINDS:
        return _KINDS[name]
    if torch.Tag.pointwise in operator.tags:
        return "elementwise"
    return "unknown"


def is_view(operator: Any) -> bool:
    """Whether an output only looks at an argument's memory."""
    returns = operator._schema.returns
    return any(r.alias_info is not None and not r.alias_info.is_write for r in returns)


def operations(kind: Kind, args: Any, out: Any) -> int:
    """Arithmetic that is not a MAC: one operation for each element.

    Reductions, normalisation and pooling go by the elements they read, the others by those they
    write. An estimate, reported beside the MACs and never added to them.
    """
    if kind in ("move", "unknown"):
        return 0
    first = out[0] if isinstance(out, tuple | list) and out else out
    if kind != "elementwise":
        first = next((a for a in args if isinstance(a, torch.Tensor)), first)
    return math.prod(first.shape) if isinstance(first, torch.Tensor) else 0
