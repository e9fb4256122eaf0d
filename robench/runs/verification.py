"""Whether a record agrees with itself and with its bits: what no run of robench writes is not counted."""

import math
import re
from collections.abc import Iterable

from robench.errors import StoreError
from robench.runs.bits import Packed, ones
from robench.runs.record import Metrics, RunRecord, mce_name
from robench.runs.spec import RunSpec

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:/+@=!-]{0,119}")


def check_record(record: RunRecord) -> None:
    """Raise StoreError with the first contradiction between fields of a record.

    mCE is compared where it is not normalised; otherwise that takes the suite's reference table, which no record holds.
    """
    check_spec(record.spec)
    _check_words(("plugins", word) for name, note in record.plugins.items() for word in (name, note.origin))
    _check_words([("suite.baseline", record.suite.baseline), ("suite.endpoint", record.suite.endpoint)])
    if record.seeds.get("run") != record.spec.seed:
        raise StoreError(f"seeds.run = {record.seeds.get('run')} contradicts spec.seed = {record.spec.seed}")
    if record.final:
        _check_threads(record)
    if record.status == "failed":
        if record.failure is None:
            raise StoreError("status = failed contradicts failure = null")
        return
    if record.failure is not None or record.metrics is None or record.cost is None or not record.images:
        raise StoreError("status = finished contradicts a failure, or no metrics, no cost or no images")
    if record.spec.test_limit is not None and record.images > record.spec.test_limit:
        raise StoreError(f"images = {record.images} contradicts spec.test_limit = {record.spec.test_limit}")
    _check_metrics(record, record.metrics)
    _check_cost(record)


def check_bits(record: RunRecord, clean: Packed, cells: Packed) -> None:
    """Raise StoreError where bits, packed (1, bytes) and (cells, bytes), do not give the accuracies of the record."""
    if record.metrics is None or not record.images:
        raise StoreError("bits without metrics")
    named = [("clean_accuracy", record.metrics.clean_accuracy)]
    named += [(f"accuracy on {cell.corruption} {cell.severity}", 1 - cell.error) for cell in record.metrics.cells]
    counted = [*ones(clean).tolist(), *ones(cells).tolist()]
    for (name, value), count in zip(named, counted, strict=True):
        _agree(name, value, "the bits", count / record.images)


def check_spec(spec: RunSpec) -> None:
    """Raise StoreError for a name that no plugin can have, a cell that occurs twice, a sparsity that is no share."""
    named = {"suite": spec.suite, "dataset": spec.dataset, "model": spec.model.name, "method": spec.method.name}
    _check_words(("spec." + field, value) for field, value in named.items())
    _check_words(("spec.corruptions", name) for name in spec.corruptions)
    _check_words(("spec.versions", word) for pair in spec.versions.items() for word in pair)
    sparsity = spec.method.options.get("sparsity", 0.0)
    if isinstance(sparsity, bool) or not isinstance(sparsity, int | float) or not 0 <= sparsity < 1:
        raise StoreError(f"spec.method.options.sparsity = {str(sparsity)[:40]!r} is no share")
    if len(set(spec.cells)) < len(spec.cells):
        raise StoreError("spec: a corruption or a severity occurs twice")


def _check_threads(record: RunRecord) -> None:
    """On a CPU the number of threads changes the result; on another device it does not."""
    made, asked = record.environment.get("threads"), record.spec.threads
    if record.environment.get("device") == "cpu" and made is not None and made != asked:
        raise StoreError(f"environment.threads = {str(made)[:40]} contradicts spec.threads = {asked}: another result")


def _check_words(words: Iterable[tuple[str, str]]) -> None:
    for field, word in words:
        if not _NAME.fullmatch(word):
            raise StoreError(f"{field} = {word[:40]!r} is no name: letters, digits and ._:/+@=!- only, at most 120")


def _check_metrics(record: RunRecord, metrics: Metrics) -> None:
    named = tuple((cell.corruption, cell.severity) for cell in metrics.cells)
    if named != record.spec.cells:
        raise StoreError("metrics.cells are not the corruptions and severities of spec, in its order")
    mean = sum(cell.error for cell in metrics.cells) / len(metrics.cells)
    _agree("robust_accuracy", metrics.robust_accuracy, "the mean over cells", 1 - mean)
    relative = metrics.robust_accuracy / metrics.clean_accuracy if metrics.clean_accuracy else None
    _agree("relative_robustness", metrics.relative_robustness, "robust / clean accuracy", relative)
    if record.suite.mce_name == mce_name(None):
        _agree("mce", metrics.mce, "the mean error over cells", mean)
        _agree("relative_mce", metrics.relative_mce, "mce - clean error", mean - (1 - metrics.clean_accuracy))


def _check_cost(record: RunRecord) -> None:
    if (cost := record.cost) is None:
        return
    if cost.nonzero > cost.parameters:
        raise StoreError(f"cost.nonzero = {cost.nonzero} contradicts cost.parameters = {cost.parameters}")
    share = cost.nonzero / cost.parameters if cost.parameters else 1.0
    _agree("cost.density_all", cost.density_all, "nonzero / parameters", share)
    if record.topology and record.topology.nonzero > cost.nonzero:
        raise StoreError(f"topology.nonzero = {record.topology.nonzero} contradicts cost.nonzero = {cost.nonzero}")


def _agree(name: str, value: float | None, of: str, computed: float | None) -> None:
    if value is None or computed is None:
        same = value is computed
    else:
        same = math.isclose(value, computed, rel_tol=1e-9, abs_tol=1e-9)
    if not same:
        raise StoreError(f"{name} = {value} contradicts {of}: {computed}")
