"""Data-parallel training: every rank must hold the masks that one process would."""

import multiprocessing
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from robench.contracts import Method
from robench.errors import FOREIGN, first_line
from robench.testing.check import check, ensure
from robench.testing.method.network import accumulate, batch
from robench.testing.method.trial import OPTIMIZERS, STEPS, construct, difference, network

_RANKS = 2
_TIMEOUT = timedelta(seconds=60)


@check(10)
def ranks(cls: type[Method], **options: Any) -> str:
    """Two processes (gloo) hold the masks of one that has rank 0's seed and the mean gradient, after every step."""
    with tempfile.TemporaryDirectory() as folder:
        one, other = _run(cls, options, folder)
    alone = _masks(cls, options, seed=0, shares=range(_RANKS))
    for step, (mine, theirs, single) in enumerate(zip(one, other, alone, strict=True)):
        where = "after start" if step == 0 else f"step {step - 1}"
        differs = difference(mine, theirs)
        ensure(differs is None, f"{where}: the masks of {differs} differ between the ranks")
        differs = difference(mine, single)
        ensure(differs is None, f"{where}: the masks of {differs} are not those of one process with the mean gradient")
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
        sender.send(_masks(cls, options, seed=rank, shares=[rank], wrap=DistributedDataParallel))
    except FOREIGN as error:  # told to the parent, which reports it
        sender.send(first_line(error))


def _masks(
    cls: type[Method],
    options: Mapping[str, Any],
    *,
    seed: int,
    shares: Sequence[int],
    wrap: Callable[[nn.Module], nn.Module] = lambda model: model,
) -> list[dict[str, bytes]]:
    """Return the masks after `start` and after every step on these shares of the data.

    In double precision: the order of a sum of gradients decides no mask.
    """
    method = construct(cls, options)
    model = network(method).double()
    parallel = wrap(model)
    optimizer = OPTIMIZERS["SGD"](model.parameters())
    method.start(model, optimizer, total_steps=STEPS, seed=seed)
    seen = [_bytes(method)]
    for step in range(STEPS):
        torch.manual_seed(step)
        optimizer.zero_grad()
        accumulate(parallel, (batch(_RANKS * step + share) for share in shares), apart=False)
        if method.before_step(step):
            optimizer.step()
        method.after_step(step)
        seen.append(_bytes(method))
    return seen


def _bytes(method: Method) -> dict[str, bytes]:
    return {name: mask.cpu().numpy().tobytes() for name, mask in method.masks.items()}
