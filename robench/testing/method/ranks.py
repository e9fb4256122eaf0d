"""Data-parallel training: every rank must hold the same masks."""

import multiprocessing
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

from robench.contracts import Method
from robench.errors import first_line
from robench.testing.check import check, ensure
from robench.testing.method.network import batch, gradients
from robench.testing.method.trial import OPTIMIZERS, STEPS, construct, difference, network

_RANKS = 2
_TIMEOUT = timedelta(seconds=60)


@check(10)
def ranks(cls: type[Method], **options: Any) -> str:
    """Two processes (gloo) with different seeds and different data hold identical masks after every step."""
    with tempfile.TemporaryDirectory() as folder:
        one, other = _run(cls, options, folder)
    for step, (mine, theirs) in enumerate(zip(one, other, strict=True)):
        differs = difference(mine, theirs)
        ensure(differs is None, f"{'after start' if step == 0 else f'step {step - 1}'}: the masks of {differs} differ")
    return f"equal after each of {STEPS} steps"


def _run(cls: type[Method], options: Mapping[str, Any], folder: str) -> list[list[dict[str, bytes]]]:
    context = _context()
    pipes = [context.Pipe(duplex=False) for _ in range(_RANKS)]
    workers = [
        context.Process(target=_train, args=(rank, cls, dict(options), folder, pipes[rank][1]), daemon=True)
        for rank in range(_RANKS)
    ]
    try:
        for worker, (_, sender) in zip(workers, pipes, strict=True):
            worker.start()
            sender.close()
        results = [receiver.recv() for receiver, _ in pipes]
    finally:
        for worker in workers:
            worker.kill()
            worker.join()
    for rank, result in enumerate(results):
        ensure(not isinstance(result, str), f"rank {rank}: {result}")
    return results


def _context() -> Any:
    """Return a way to start processes, the one that imports torch once for all of them where the system has it."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _train(rank: int, cls: type[Method], options: Mapping[str, Any], folder: str, sender: Connection) -> None:
    try:
        torch.set_num_threads(1)
        meet = (Path(folder) / "meet").as_uri()
        distributed.init_process_group("gloo", init_method=meet, rank=rank, world_size=_RANKS, timeout=_TIMEOUT)
        sender.send(_masks(rank, cls, options))
    except Exception as error:  # the edge: told to the parent, which reports it
        sender.send(first_line(error))


def _masks(rank: int, cls: type[Method], options: Mapping[str, Any]) -> list[dict[str, bytes]]:
    """Return the masks after `start` and after every step."""
    method = construct(cls, options)
    model = network(method)
    parallel = DistributedDataParallel(model)
    optimizer = OPTIMIZERS["SGD"](model.parameters())
    method.start(model, optimizer, total_steps=STEPS, seed=rank)
    seen = [_bytes(method)]
    for step in range(STEPS):
        torch.manual_seed(step)
        images, labels = batch(_RANKS * step + rank)
        optimizer.zero_grad()
        gradients(parallel, images, labels)
        if method.before_step(step):
            optimizer.step()
        method.after_step(step)
        seen.append(_bytes(method))
    return seen


def _bytes(method: Method) -> dict[str, bytes]:
    return {name: mask.cpu().numpy().tobytes() for name, mask in method.masks.items()}
