"""Which operators a program may name: those that compute an image from an image, and nothing else.

None reads a file, draws a random number, keeps a state, sees memory that it did not make or calls
back into Python. An operator of a library that the submission registered has a name of its own, and
is therefore in none of these lists.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import torch

from esrbench.errors import SubmissionError

_NAMES = """
    abs absolute acos acosh adaptive_avg_pool1d _adaptive_avg_pool2d adaptive_avg_pool2d
    adaptive_avg_pool3d adaptive_max_pool2d add addbmm addcdiv addcmul addmm adjoint alias all amax
    amin aminmax __and__ angle any arange argmax argmin argsort asin asinh _assert_tensor_metadata
    atan atan2 atanh avg_pool1d avg_pool2d avg_pool3d baddbmm batch_norm bilinear bitwise_and
    bitwise_not bitwise_or bitwise_xor bmm broadcast_to bucketize cat ceil celu channel_shuffle
    chunk clamp clamp_max clamp_min clip clone col2im complex concat concatenate conj
    constant_pad_nd contiguous conv1d conv2d conv3d conv_transpose1d conv_transpose2d
    conv_transpose3d convolution copy copysign cos cosh cosine_similarity count_nonzero cross cummax
    cummin cumsum detach diag diagonal div divide dot dropout dstack einsum elu embedding eq erf
    erfc exp exp2 expand expand_as expm1 eye feature_dropout _fft_c2c _fft_c2r fft_fft fft_fft2
    fft_fftfreq fft_fftn fft_fftshift fft_ifft fft_ifft2 fft_ifftn fft_ifftshift fft_irfft
    fft_irfft2 fft_irfftn _fft_r2c fft_rfft fft_rfft2 fft_rfftfreq fft_rfftn fill flatten flip
    fliplr flipud floor floor_divide fmax fmin fmod frac full full_like gather ge gelu glu
    grid_sampler grid_sampler_2d grid_sampler_3d group_norm gt hardshrink hardsigmoid hardswish
    hardtanh hstack hypot im2col imag index index_add index_copy index_fill index_put index_select
    instance_norm is_nonzero isfinite isinf isnan item layer_norm le leaky_relu lerp lift_fresh
    lift_fresh_copy linalg_norm linalg_vector_norm linear linspace log log10 log1p log2 log_sigmoid
    _log_softmax log_softmax logaddexp logical_and logical_not logical_or logical_xor logit
    logsumexp lt masked_fill masked_scatter masked_select matmul max max_pool1d max_pool2d
    max_pool2d_with_indices max_pool3d maximum mean median meshgrid min minimum mish mm moveaxis
    movedim mul multiply nan_to_num nanmean nansum narrow native_batch_norm
    _native_batch_norm_legit_no_training native_group_norm native_layer_norm ne neg negative
    new_full new_ones new_zeros nonzero norm numel one_hot ones ones_like __or__ pad permute
    pixel_shuffle pixel_unshuffle polar pow prelu _prelu_kernel prod quantile ravel real reciprocal
    reflection_pad1d reflection_pad2d reflection_pad3d relu relu6 remainder repeat repeat_interleave
    replication_pad1d replication_pad2d replication_pad3d reshape resolve_conj resolve_neg rms_norm
    roll rot90 round rsqrt rsub scalar_tensor scaled_dot_product_attention scatter scatter_add
    scatter_reduce searchsorted select select_scatter selu sgn sigmoid sign silu sin sinh size slice
    slice_scatter _softmax softmax softplus softshrink sort split split_with_sizes sqrt square
    squeeze stack std std_mean sub subtract sum swapaxes swapdims sym_numel sym_size t take
    take_along_dim tan tanh tensor_split threshold tile to _to_copy topk transpose tril tril_indices
    triu triu_indices true_divide type_as unbind unflatten unfold unsafe_chunk unsafe_split
    _unsafe_view unsqueeze upsample_bicubic2d _upsample_bicubic2d_aa upsample_bilinear2d
    _upsample_bilinear2d_aa upsample_linear1d upsample_nearest1d upsample_nearest2d
    upsample_nearest3d _upsample_nearest_exact2d upsample_trilinear3d var var_mean vector_norm view
    view_as view_as_complex view_as_real vstack where __xor__ zero zeros zeros_like
"""
_ATEN = frozenset(_NAMES.split())
"""By their names in torch's own library, each in every overload, and in the form that writes in
place."""
_NO_OVERLOADS = frozenset({"view.dtype", "dropout_"})
"""... but these: several weights packed into one number are taken apart by the first."""
_NUMBERS: dict[str, Callable[..., Any]] = {
    **{
        f"operator.{name}": getattr(operator, name)
        for name in (
            "add", "sub", "mul", "floordiv", "truediv", "mod", "neg", "abs",
            "eq", "ne", "lt", "le", "gt", "ge", "and_", "or_", "not_", "getitem",
        )
    },
    **{f"math.{name}": getattr(math, name) for name in ("ceil", "floor", "trunc", "sqrt")},
    **{
        f"torch.{name}": getattr(torch, name)
        for name in ("sym_max", "sym_min", "sym_int", "sym_float", "sym_not", "sym_ite")
        if hasattr(torch, name)
    },
}  # fmt: skip
"""What sizes are computed with."""
DTYPES = {
    name: getattr(torch, name)
    for name in (
        "float32", "float16", "bfloat16", "float64", "int64", "int32", "int16", "int8", "uint8",
        "bool", "complex64", "complex128",
    )
}  # fmt: skip
LAYOUTS = {"strided": torch.strided}
MEMORY_FORMATS = {
    name: getattr(torch, name) for name in ("contiguous_format", "channels_last", "preserve_format")
}


def function_of(name: str) -> Callable[..., Any]:
    """The operator that ``name`` stands for; raises SubmissionError for one that may not be."""
    if name in _NUMBERS:
        return _NUMBERS[name]
    library, _, rest = name.partition(".")
    base, _, overload = rest.partition(".")
    plain = base[:-1] if base.endswith("_") and not base.endswith("__") else base
    if library != "aten" or plain not in _ATEN or rest in _NO_OVERLOADS:
        raise SubmissionError(f"the operator {name}, which no program may have")
    packet = getattr(torch.ops.aten, base, None)
    found = getattr(packet, overload, None) if packet is not None else None
    if not isinstance(found, torch._ops.OpOverload):
        raise SubmissionError(f"the operator {name}, which this torch does not know")
    return found


def name_of(function: object) -> str:
    """The name of an operator in a program; raises SubmissionError where it has none."""
    if isinstance(function, torch._ops.OpOverload):
        name = f"{function.namespace}.{function._schema.name.partition('::')[2]}"
        name = f"{name}.{function._overloadname}"
    else:
        name = next((name for name, known in _NUMBERS.items() if known is function), "")
        name = name or f"python.{getattr(function, '__name__', type(function).__name__)}"
    function_of(name)
    return name
