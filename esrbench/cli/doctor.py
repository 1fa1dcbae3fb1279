"""``esrbench doctor``: what this machine can measure, and what would spoil it."""

from __future__ import annotations

import typer

from esrbench.cli import options as given


def doctor(
    device: given.Device = "auto",
    threads: given.Threads = 0,
    json: given.Json = False,
) -> None:
    """Look at the machine: what it can measure, what would spoil a timing, what confines."""
    from dataclasses import asdict

    from esrbench.cli.terminal import print_json
    from esrbench.devices import resolve_device
    from esrbench.sandbox.doctor import examine_sandbox
    from esrbench.timing.doctor import examine
    from esrbench.timing.environment import device_name

    resolved = resolve_device(device)
    findings = [*examine(resolved, threads), *examine_sandbox()]
    if json:
        print_json(
            {
                "device": device_name(resolved, threads),
                "findings": [asdict(finding) for finding in findings],
            }
        )
    else:
        print(device_name(resolved, threads))
        for finding in findings:
            print(f"  {finding.level:<5} {finding.topic:<14} {finding.sentence}")
            if finding.cure:
                print(f"  {'':<5} {'':<14} -> {finding.cure}")
    raise typer.Exit(3 if any(finding.level == "bad" for finding in findings) else 0)
