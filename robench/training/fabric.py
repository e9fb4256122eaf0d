"""Where and with which numbers a network computes."""

import logging
from typing import Literal

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments.lightning import LightningEnvironment


def fabric_of(device: str, precision: Literal["32-true", "bf16-mixed"]) -> Fabric:
    """Return Fabric for one process on "cpu", "cuda" or "cuda:N"; cuDNN is made deterministic."""
    kind, _, index = device.partition(":")
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    here = LightningEnvironment()  # else Fabric guesses from schedulers' variables and commands what was not asked for
    return Fabric(accelerator=kind, devices=[int(index)] if index else 1, precision=precision, plugins=[here])
