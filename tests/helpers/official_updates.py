"""One topology update of each method as its authors' code makes it, written anew from descriptions of that code.

NumPy, one layer at a time, flat arrays; scores are assumed to have no ties. Nothing here knows robench.
"""

import math
from typing import NamedTuple

import numpy as np


class Layer(NamedTuple):
    """A layer before the update: weight, its dense gradient, mask, momentum; in the weight's shape."""

    weight: np.ndarray
    grad: np.ndarray
    mask: np.ndarray
    momentum: np.ndarray


def top(scores, count):
    """Mask of the `count` largest."""
    chosen = np.zeros(scores.size, dtype=bool)
    chosen[scores.ravel().argsort(kind="stable")[::-1][:count]] = True
    return chosen.reshape(scores.shape)


def rigl_repository(layer, fraction, growth):
    """google-research/rigl, sparse_optimizers_base.py, noise 0: RigL with |grad| as growth, SET with random numbers.

    Return the kept places, the new mask, and weight and momentum, which are 0 only where a place is new.
    """
    active = int(layer.mask.sum())
    dropped = int(active * fraction)
    kept = top(np.abs(layer.weight * layer.mask), active - dropped)
    grown = top(np.where(kept, growth.min() - 1, growth), dropped)
    new = grown & ~layer.mask
    mask = kept | grown
    return kept, mask, np.where(new, 0, layer.weight) * mask, np.where(new, 0, layer.momentum) * mask


def itop(layer, fraction):
    """In-Time-Over-Parameterization, truncate_weights: the ceiling is dropped, what is grown reads |grad|."""
    dropped = math.ceil(fraction * layer.mask.sum())
    threshold = np.sort(np.abs(layer.weight).ravel())[layer.mask.size - int(layer.mask.sum()) + dropped - 1]
    kept = np.abs(layer.weight) > threshold
    return kept, kept | top(np.where(kept, 0, np.abs(layer.grad)), dropped)


def set_keras(weight, zeta):
    """SET-MLP-Keras-Weights-Mask, rewireMask: thresholds at positions in the sorted weights, zeros in the middle."""
    values = np.sort(weight.ravel())
    first, last = int(np.abs(values).argmin()), values.size - int(np.abs(values)[::-1].argmin())
    negative = values[int((1 - zeta) * first)]
    positive = values[int(min(values.size - 1, last + zeta * (values.size - last)))]
    return (weight > positive) | (weight < negative)


def mest(layer, density, weight_of_gradient):
    """boone891214/MEST, weight_pruning: what exceeds a percentile of |w| + lambda |grad|, gradients masked, stays."""
    importance = np.abs(layer.weight) + weight_of_gradient * np.abs(layer.grad * layer.mask)
    return importance > np.percentile(importance, 100 * (1 - density))


def granet(layers, sparsity, fraction):
    """VITA-Group/GraNet, CIFAR: prune over all layers to a sparsity, then drop the ceiling and grow within each."""
    values = np.sort(np.concatenate([np.abs(layer.weight).ravel() for layer in layers]))[::-1]
    threshold = values[int(values.size * (1 - sparsity))]
    pruned = [np.abs(layer.weight) > threshold for layer in layers]
    return pruned, [
        itop(layer._replace(weight=layer.weight * mask, mask=mask), fraction)[1]
        for layer, mask in zip(layers, pruned, strict=True)
    ]


def snfs_growth(layers, fraction):
    """TimDettmers/sparse_learning, calc_growth_redistribution: shares of mean |momentum|, up to 99 % of the places."""
    share = np.array([np.abs(layer.momentum[layer.mask]).mean() for layer in layers])
    dropped = np.array([math.ceil(fraction * layer.mask.sum()) for layer in layers])
    limit = 0.99 * (np.array([layer.mask.size - layer.mask.sum() for layer in layers]) + dropped)
    growth = np.ceil(share / share.sum() * dropped.sum())
    for _ in range(1000):
        left = np.maximum(growth - limit, 0).sum()
        growth = np.minimum(growth, limit)
        if left <= 0:
            break
        growth = growth + left / len(layers)
    return dropped, growth.astype(int)


def srigl(layer, fraction, gamma, budget):
    """calgaryml/condensed-sparsity, rigl_constant_fan.py: ablation, then constant fan-in.

    Of an over-full neuron the largest stay; there an arbitrary part does. Return the mask and which neurons stay.
    """
    neurons, width = layer.mask.shape[0], layer.mask[0].size
    weight, grad, mask = (np.abs(x).reshape(neurons, width) for x in (layer.weight, layer.grad, layer.mask))
    active = int(mask.sum())
    dropped = int(active * fraction)
    keep = active - dropped
    alive = np.ones(neurons, dtype=bool)
    if gamma:
        salient = (top(weight * mask, keep) | top(grad, dropped)).sum(axis=1)
        least = -(-active // width)
        threshold = max(1, int(gamma * (budget // neurons)))
        alive = salient >= min(threshold, np.sort(salient)[::-1][least])
    fan_in = budget // int(alive.sum())
    kept = top(np.where(alive[:, None], weight * mask, -1), keep) & (mask > 0) & alive[:, None]
    rows = np.zeros((neurons, width), dtype=bool)
    for row in np.flatnonzero(alive):
        stays = top(np.where(kept[row], weight[row], -1), min(fan_in, int(kept[row].sum())))
        rows[row] = stays | top(np.where(stays, -1, grad[row]), fan_in - int(stays.sum()))
    return rows.reshape(layer.mask.shape), alive


def dsr(layers, threshold, aim):
    """IntelAI/dynamic-reparameterization, main.py: prune below one threshold, grow by the share of survivors.

    Return the kept masks, how many each layer grows (unrounded), and the next threshold.
    """
    kept = [layer.mask & (np.abs(layer.weight) >= threshold) for layer in layers]
    pruned = sum(int(layer.mask.sum()) for layer in layers) - sum(int(mask.sum()) for mask in kept)
    survivors = np.array([mask.sum() for mask in kept])
    change = 0.5 if pruned > 1.1 * aim else 2.0 if pruned < 0.9 * aim else 1.0
    return kept, survivors / survivors.sum() * pruned, threshold * change


def snip(layers, sparsity):
    """namhoonlee/snip-public: the largest |w dL/dw|, normalised, of all layers; round(N (1 - s)) stay."""
    saliency = np.concatenate([np.abs(layer.weight * layer.grad).ravel() for layer in layers])
    chosen = top(saliency / saliency.sum(), round(saliency.size * (1 - sparsity)))
    ends = np.cumsum([layer.weight.size for layer in layers])
    return [part.reshape(layer.weight.shape) for part, layer in zip(np.split(chosen, ends[:-1]), layers, strict=True)]


def cubic_sparsity(final, step, begin, end):
    """Zhu and Gupta 2017, equation 1, from a dense network."""
    return final - final * (1 - (step - begin) / (end - begin)) ** 3


def erk_densities(shapes, sparsity, kernel=True):
    """google-research/rigl, get_sparsities_erdos_renyi: dense layers are charged to the budget, ties go together."""
    size = np.array([math.prod(shape) for shape in shapes], dtype=float)
    raw = np.array([sum(dims) / math.prod(dims) for dims in (shape if kernel else shape[:2] for shape in shapes)])
    zeros = np.floor(sparsity * size + 1e-9)  # 0.57 of 100 is 57, not the 56 of binary floating point
    dense = np.zeros(len(shapes), dtype=bool)
    while not dense.all():
        right = (size - zeros)[~dense].sum() - zeros[dense].sum()
        factor = right / (raw * size)[~dense].sum()
        largest = raw[~dense].max()
        if largest * factor <= 1:
            break
        dense |= raw == largest
    return np.where(dense, 1.0, factor * raw)
