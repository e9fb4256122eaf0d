"""The laws of the Method contract, in the order of the report."""

from robench.testing.check import Check
from robench.testing.method.counts import (
    active_count,
    distribution,
    mask_is_truth,
    no_empty_layer,
    target_density,
    ties,
)
from robench.testing.method.declaration import declaration, option_types
from robench.testing.method.isolation import (
    bystanders,
    export,
    global_random,
    layers,
    optimizer,
    storage,
    zero_sparsity,
)
from robench.testing.method.ranks import ranks
from robench.testing.method.state import resume, same_seed, state_plain
from robench.testing.method.topology import (
    dense_gradient,
    exploration,
    overflow,
    replaces_step,
    rest,
    topology_moves,
    updates,
    whole_gradient,
)
from robench.testing.method.zeros import (
    active_gradients,
    grown_weights,
    inactive_weights,
    kept_weights,
    optimizer_state,
)

CHECKS: tuple[Check, ...] = (
    declaration,
    option_types,
    layers,
    active_count,
    target_density,
    distribution,
    no_empty_layer,
    ties,
    mask_is_truth,
    inactive_weights,
    optimizer_state,
    grown_weights,
    kept_weights,
    active_gradients,
    updates,
    rest,
    topology_moves,
    replaces_step,
    dense_gradient,
    whole_gradient,
    overflow,
    exploration,
    zero_sparsity,
    global_random,
    bystanders,
    storage,
    optimizer,
    export,
    state_plain,
    resume,
    same_seed,
    ranks,
)
