"""Two processes (gloo) that disagree about the seed and see different data."""

import torch
from loop import batch, network
from torch import distributed, multiprocessing, nn

from robench.sparse.dynamic import DynamicSparse


class ByGradient(DynamicSparse):
    dropped_may_regrow = True
    grow_uses_gradient = True

    def grow_scores(self, weight, grad, rng):
        return grad.abs()


def train(rank: int, folder: str) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
    model = network()
    parallel = nn.parallel.DistributedDataParallel(model)
    runs = [ByGradient(update_interval=2, sparsity=0.7), DynamicSparse(update_interval=2, sparsity=0.7)]
    for method in runs:
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
        method.start(model, optimizer, total_steps=12, seed=100 + rank)
        for step in range(12):
            images, labels = batch(2 * step + rank)
            optimizer.zero_grad()
            nn.functional.cross_entropy(parallel(images), labels).backward()
            if method.before_step(step):
                optimizer.step()
            method.after_step(step)
    torch.save([method.state_dict() for method in runs], f"{folder}/{rank}.pt")
    distributed.destroy_process_group()


def test_masks_are_identical_on_all_ranks(tmp_path):
    multiprocessing.spawn(train, (str(tmp_path),), nprocs=2)
    for one, other in zip(*(torch.load(tmp_path / f"{rank}.pt") for rank in (0, 1)), strict=True):
        assert one["updates"] == other["updates"] == 4
        assert all(torch.equal(one[key], other[key]) for key in one if key != "updates")
