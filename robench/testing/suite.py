"""The laws of the Suite contract: what a suite names is there, and can be measured and judged as it declares."""

from robench import registry
from robench.board.endpoints import endpoint
from robench.contracts import API_VERSION, Corruption, Dataset, Method, Published, PublishedFolders, Suite
from robench.metrics.corruption_error import covered, reference_errors
from robench.testing.check import Check, check, ensure


@check()
def declaration(suite: Suite) -> str:
    """The record is a Suite for this API with corruptions, each once, severities from 1 to 5 and a reference."""
    ensure(isinstance(suite, Suite), f"{type(suite).__name__} is not a Suite")
    ensure(suite.api_version == API_VERSION, f"api_version is {suite.api_version}, this robench has {API_VERSION}")
    names = (*suite.standard, *suite.extra)
    ensure(suite.standard, "standard names no corruption")
    ensure(len(set(names)) == len(names), "a corruption stands twice")
    rising = sorted(set(suite.severities)) == list(suite.severities)
    ensure(suite.severities and rising and set(suite.severities) <= {1, 2, 3, 4, 5}, f"severities {suite.severities}")
    ensure(suite.reference.strip(), "reference is empty")
    return f"{len(names)} corruptions at {len(suite.severities)} severities"


@check()
def dataset(suite: Suite) -> str:
    """Its dataset is registered."""
    found: Dataset = registry.load("dataset", suite.dataset)
    return f"{found.name}, {found.inputs}"


@check()
def corruptions(suite: Suite) -> str:
    """Every corruption can be generated, with levels for the suite's preset, or is published."""
    known = {entry.name for entry in registry.entries("corruption")}
    published = _published(suite)
    for name in (*suite.standard, *suite.extra):
        ensure(name in known or name in published, f"{name} is neither registered nor published")
        if name in known:
            plugin: Corruption = registry.load("corruption", name)
            ensure(suite.preset in plugin.presets or name in published, f"{name} has no levels for {suite.preset!r}")
    return f"preset {suite.preset}"


@check()
def protocol(suite: Suite) -> str:
    """The endpoint is a metric, the baseline a method; alpha and margin are shares of a test that can be made."""
    declared = suite.protocol
    metric = endpoint(declared.endpoint)
    _method(declared.baseline)
    ensure(0 < declared.alpha <= 0.5, f"alpha is {declared.alpha}, not in (0, 0.5]")
    ensure(declared.margin > 0, f"margin is {declared.margin}, not above 0")
    ensure(declared.minimum_networks >= 3, f"minimum_networks is {declared.minimum_networks}; no test is made below 3")
    return f"{metric.name} against {declared.baseline}"


@check()
def defaults(suite: Suite) -> str:
    """The default model and methods are registered."""
    registry.load("model", suite.default_model.partition("(")[0])
    ensure(suite.default_methods, "default_methods is empty")
    for name in suite.default_methods:
        _method(name)
    return f"{suite.default_model} by {', '.join(suite.default_methods)}"


@check()
def reference_network(suite: Suite) -> str:
    """Errors of a reference network, where they are declared, normalise the standard corruptions at all severities."""
    if (table := suite.baseline_errors) is None:
        return "none, mCE is not normalised"
    cells = [(name, severity) for name in suite.standard for severity in suite.severities]
    errors = reference_errors([cells[place] for place in covered(cells, table)], table)
    ensure(((errors >= 0) & (errors <= 1)).all(), "errors are not shares")
    return f"{len(errors)} of {len(cells)} cells"


def _published(suite: Suite) -> set[str]:
    if isinstance(suite.published, Published):
        return set(suite.published.files)
    return {*suite.standard, *suite.extra} if isinstance(suite.published, PublishedFolders) else set()


def _method(written: str) -> type[Method]:
    found: type[Method] = registry.load("method", written.partition("(")[0])
    return found


CHECKS: tuple[Check, ...] = (declaration, dataset, corruptions, protocol, defaults, reference_network)
