"""Two and three processes (gloo) that disagree about the seed and see different data: every method."""

import inspect
from importlib.metadata import entry_points

import pytest
import torch
from torch import distributed, multiprocessing, nn

from robench.sparse.rewiring import Rewiring
from tests.helpers.own_loop import batch, network
from tests.helpers.thoroughly import thoroughly

VARIANTS = {"mest": [{}, {"growth": "gradient"}], "gmp": [{"scope": "global"}]}
QUICK = {"update_interval": 2, "sparsity": 0.75, "stop_fraction": 1.0}


def methods():
    """Return (name, method) for every built-in that rewires, in one order."""
    found = {e.name: e.load() for e in entry_points(group="robench.methods") if e.dist.name == "robench"}
    for name, cls in sorted(found.items()):
        if issubclass(cls, Rewiring):
            quick = {key: value for key, value in QUICK.items() if key in inspect.signature(cls).parameters}
            yield from ((name, cls(**quick, **options)) for options in VARIANTS.get(name, [{}]))


def train(rank: int, world: int, folder: str) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=world)
    states = []
    for name, method in methods():
        parallel = nn.parallel.DistributedDataParallel(network())
        model = parallel.module
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
        method.start(model, optimizer, total_steps=9, seed=100 + rank)
        for step in range(9):
            images, labels = batch(world * step + rank)
            optimizer.zero_grad()
            nn.functional.cross_entropy(parallel(images), labels).backward()
            if method.before_step(step):
                optimizer.step()
            method.after_step(step)
        states.append((name, method.state_dict()))
    torch.save(states, f"{folder}/{rank}.pt")
    distributed.destroy_process_group()


@pytest.mark.parametrize("world", thoroughly([2, 3], always=[3]))
def test_masks_are_identical_on_all_ranks(tmp_path, world):
    multiprocessing.spawn(train, (world, str(tmp_path)), nprocs=world)
    first, *others = (torch.load(tmp_path / f"{rank}.pt") for rank in range(world))
    for other in others:
        for (name, one), (_, two) in zip(first, other, strict=True):
            assert one.keys() == two.keys()
            assert one["updates"] > 0, name
            for key, value in one.items():
                same = torch.equal(value, two[key]) if torch.is_tensor(value) else value == two[key]
                assert same, f"{name}: {key}"
