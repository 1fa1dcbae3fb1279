"""The nodes of a Ray cluster: reached, asked for their facts, counted by what fits on them."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from typing import Any

from esrbench.engines.cluster.slot import NodeFacts, harness, node_facts
from esrbench.errors import UnavailableError, UsageError
from esrbench.judge.machine import Machine

_PROBE_SECONDS = 180.0


def connected(address: str) -> Any:
    """The module ``ray``, connected to the cluster at ``address`` (``auto``, or HOST:PORT).

    Raises UnavailableError where Ray is not installed or no cluster answers.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise UnavailableError("--engine ray needs Ray: pip install 'esrbench[ray]'.") from None
    if not ray.is_initialized():
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, RuntimeError, ValueError) as why:
            raise UnavailableError(
                f"No Ray cluster answers at {address} ({str(why).splitlines()[0]}); start one with "
                "`ray start --head`, or give --address HOST:PORT."
            ) from None
    return ray


def resources(machine: Machine) -> dict[str, float]:
    """What one worker asks Ray for: its threads as CPUs, and a GPU where it works on one."""
    gpus = 1.0 if machine.device.startswith("cuda") else 0.0
    return {"num_cpus": float(machine.threads), "num_gpus": gpus}


def alive(ray: Any) -> dict[str, dict[str, float]]:
    """The nodes that are there, with all their resources, by Ray's id."""
    return {node["NodeID"]: node["Resources"] for node in ray.nodes() if node["Alive"]}


def room(nodes: dict[str, dict[str, float]], machine: Machine) -> dict[str, int]:
    """How many workers fit on each node; nodes on which none does are left out."""
    asked = resources(machine)
    found = {}
    for name, has in nodes.items():
        fits = has.get("CPU", 0.0) // asked["num_cpus"]
        if asked["num_gpus"]:
            fits = min(fits, has.get("GPU", 0.0))
        if fits >= 1:
            found[name] = int(fits)
    return found


def probe(ray: Any, machine: Machine) -> list[NodeFacts]:
    """The facts of every node that a worker fits on, each asked where it is."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    asked = {"num_cpus": 0.0, "num_gpus": resources(machine)["num_gpus"]}
    refs = [
        ray.remote(node_facts)
        .options(
            scheduling_strategy=NodeAffinitySchedulingStrategy(node_id=name, soft=False), **asked
        )
        .remote(machine.device, machine.threads)
        for name in room(alive(ray), machine)
    ]
    try:
        found: list[NodeFacts] = ray.get(refs, timeout=_PROBE_SECONDS)
    except ray.exceptions.RayError as why:
        raise UnavailableError(
            f"A node of the cluster did not answer ({type(why).__name__}: "
            f"{str(why).splitlines()[0]}); is esrbench installed on every node?"
        ) from None
    return found


def hold_alike(nodes: Sequence[NodeFacts], torch: str, *, allow_mixed: bool) -> None:
    """Raises UsageError that names the nodes with another esrbench or torch than the driver's."""
    own = (harness(), torch)
    others = {f.host: (f.harness, f.torch) for f in nodes if (f.harness, f.torch) != own}
    if others and not allow_mixed:
        told = "; ".join(
            f"{host} has esrbench {esrbench}, torch {theirs}"
            for host, (esrbench, theirs) in sorted(others.items())
        )
        raise UsageError(
            f"The nodes differ: {told}; this one has esrbench {own[0]}, torch {own[1]}. Install "
            "the same on all, or give --allow-mixed."
        )
