"""What may count as an observation: a trained network, once, whatever number of images it was tested on."""

from collections.abc import Sequence

from robench.errors import InputError


def check_networks(networks: Sequence[str], weights: Sequence[str]) -> None:
    """Raise InputError where values of one network stand as separate observations, or two networks are one.

    networks: names of the observations of one group, such as run ids; weights: digests of their weights, in the same
    order. Cells and images of one network are not independent: a test over the 75 cells of networks of one law calls
    54 % of them different at a nominal 5 %.
    """
    names: set[str] = set()
    seen: dict[str, str] = {}
    for name, digest in zip(networks, weights, strict=True):
        if name in names:
            raise InputError(f"networks: {name[:80]} occurs twice; one trained network is one observation")
        if digest in seen:
            raise InputError(
                f"networks: {seen[digest][:80]} and {name[:80]} have identical weights ({digest[:12]}); "
                "another seed has to give another network"
            )
        names.add(name)
        seen[digest] = name
