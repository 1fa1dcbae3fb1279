"""An ONNX graph as a torch module: onnxruntime runs it on the device in use. Runner only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from esrbench.errors import SubmissionError
from esrbench.submission.formats.onnx_file import drawing_in
from esrbench.tracks import TRACKS

_FLOATS = {"tensor(float)": torch.float32, "tensor(float16)": torch.float16}


class OnnxModule(nn.Module):
    """``(N, C, H, W)`` in, ``(N, C, H * scale, W * scale)`` out, through onnxruntime.

    Its floating-point initialisers count as parameters: a graph does not tell them from constants.
    """

    def __init__(self, path: Path, scale: int, device: str, track: str) -> None:
        super().__init__()
        self._session = _session(path, device, tf32=TRACKS[track].tf32)
        self._scale = scale
        self._device = torch.device(device)
        given, made = self._session.get_inputs(), self._session.get_outputs()
        if len(given) != 1 or len(made) != 1:
            raise SubmissionError(
                f"{path.name} has {len(given)} inputs and {len(made)} outputs; it must have one "
                "each, N x 3 x H x W."
            )
        self._input, self._output = given[0].name, made[0].name
        self._dtype = _float(given[0].type, path)
        self._output_dtype = _float(made[0].type, path)
        if self._dtype is torch.float16 and track != "fp16":
            raise SubmissionError(
                f"{path.name} takes float16 and nothing says so: write `precision: fp16` into "
                f"{path.stem}.yaml beside it."
            )
        shape = list(given[0].shape)
        self._one_by_one = shape[:1] == [1]
        self.channels = _channels(shape, path)
        """1 for a network of the luma plane."""
        fixed = [size for size in shape[2:] if isinstance(size, int)]
        if fixed:
            raise SubmissionError(
                f"{path.name} takes only inputs of {'x'.join(map(str, shape))}; export it "
                "with dynamic height and width."
            )
        self.draws_unseen = drawing_in(path)
        """Operators that draw random numbers, from a generator that no seed of ours sets."""
        for number, value in enumerate(_initialisers(path)):
            self.register_parameter(f"initialiser_{number}", nn.Parameter(value, False))

    def forward(self, x: Tensor) -> Tensor:
        """SR for ``x``; a graph made for a batch of one gets its images one by one."""
        if self._one_by_one and len(x) > 1:
            return torch.cat([self._run(image[None]) for image in x])
        return self._run(x)

    def _run(self, x: Tensor) -> Tensor:
        x = x.detach().to(self._dtype).contiguous()
        if self._device.type == "cpu":
            return torch.from_numpy(self._session.run([self._output], {self._input: x.numpy()})[0])
        n, channels, height, width = x.shape
        size = (n, channels, height * self._scale, width * self._scale)
        y = torch.empty(size, dtype=self._output_dtype, device=x.device)
        torch.cuda.current_stream(x.device).synchronize()  # x is written before another reads it
        binding = self._session.io_binding()
        binding.bind_input(self._input, *_memory(x))
        binding.bind_output(self._output, *_memory(y))
        self._session.run_with_iobinding(binding)
        binding.synchronize_outputs()
        return y


def _channels(shape: list[Any], path: Path) -> int | None:
    """How many channels an input ``shape`` (N, C, H, W) has; None where any number will do.

    Raises SubmissionError where that is no image: the colours last, or another number of axes.
    """
    if len(shape) == 4 and shape[3] in (1, 3) and shape[1] not in (1, 3):
        raise SubmissionError(
            f"{path.name} takes images as N x H x W x C (NHWC, {'x'.join(map(str, shape))}), as "
            "TensorFlow has them; export it as N x C x H x W."
        )
    named = shape[1] if len(shape) == 4 else 0
    if named not in (1, 3) and (len(shape) != 4 or isinstance(named, int)):
        raise SubmissionError(
            f"{path.name} takes inputs of {'x'.join(map(str, shape))}; it must take N x 3 x H x W "
            "(or N x 1 x H x W, for a network of the luma plane)."
        )
    return named if isinstance(named, int) else None


def _memory(tensor: Tensor) -> tuple[Any, ...]:
    """Device, number, type, shape and address, as an IO binding wants them."""
    import numpy

    kind = numpy.float16 if tensor.dtype is torch.float16 else numpy.float32
    return "cuda", tensor.device.index or 0, kind, tuple(tensor.shape), tensor.data_ptr()


def _session(path: Path, device: str, *, tf32: bool) -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise SubmissionError(
            f"{path.name} is an ONNX graph, which needs onnxruntime: pip install 'esrbench[onnx]'."
        ) from None
    providers: list[Any] = ["CPUExecutionProvider"]
    if device != "cpu":
        if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
            raise SubmissionError(
                "This onnxruntime has no CUDA provider: pip install onnxruntime-gpu, or use "
                "--device cpu."
            )
        number = torch.device(device).index or 0
        providers = [("CUDAExecutionProvider", {"device_id": number, "use_tf32": int(tf32)})]
    choices = onnxruntime.SessionOptions()
    choices.intra_op_num_threads = torch.get_num_threads()
    choices.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), choices, providers=providers)
    except Exception as why:  # onnxruntime raises types of its own
        first = " ".join(str(why).split())[:300]
        raise SubmissionError(f"onnxruntime does not take {path.name}: {first}.") from None


def _float(kind: str, path: Path) -> torch.dtype:
    if kind not in _FLOATS:
        raise SubmissionError(f"{path.name} takes or gives {kind}; it must be float32 or float16.")
    return _FLOATS[kind]


def _initialisers(path: Path) -> list[Tensor]:
    """The graph's stored floating-point tensors; none where ``onnx`` is not installed."""
    try:
        import onnx
        from onnx import numpy_helper
    except ImportError:
        return []
    try:
        graph = onnx.load(str(path)).graph
        arrays = [
            numpy_helper.to_array(tensor, base_dir=str(path.parent)) for tensor in graph.initializer
        ]
        return [torch.from_numpy(a.copy()) for a in arrays if a.dtype.kind == "f"]
    except Exception as why:  # sizes and data that do not agree, files elsewhere
        first = " ".join(str(why).split())[:200]
        raise SubmissionError(f"The tensors of {path.name} cannot be read: {first}.") from None
