"""What a finished training goes into the record with: cost and topology."""

from robench.runs.record import Cost, Topology
from robench.sparse.flops import TrainingCost, count_parameters, density_by_layer, weigh
from robench.training.session import Trained


def cost(trained: Trained, seconds_evaluate: float, peak_memory_bytes: int) -> Cost:
    """Return the cost of a trained network, from its masks."""
    masks = trained.method.masks
    count = count_parameters(trained.model, masks)
    inference, full = weigh(trained.layers, masks), trained.cost.full
    return Cost(
        parameters=count.total,
        nonzero=count.nonzero,
        density=count.maskable_nonzero / count.maskable if count.maskable else 1.0,
        density_all=count.nonzero / count.total if count.total else 1.0,
        density_by_layer=density_by_layer(trained.model, masks),
        flops_inference=inference,
        flops_inference_ratio=inference / full if full else 1.0,
        flops_train=trained.cost.total,
        flops_train_ratio=trained.cost.ratio,
        formula=TrainingCost.formula,
        seconds_train=trained.seconds,
        seconds_evaluate=seconds_evaluate,
        peak_memory_bytes=peak_memory_bytes,
    )


def topology(trained: Trained) -> Topology:
    """Return what the masks did; where none ever changed, what is active is all that was explored."""
    count = count_parameters(trained.model, trained.method.masks)
    share = count.maskable_nonzero / count.maskable if count.maskable else 1.0
    explored = getattr(trained.method, "exploration_rate", share)
    return Topology(updates=trained.method.updates, nonzero=count.maskable_nonzero, exploration_rate=explored)
