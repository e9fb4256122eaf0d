"""Everything that can fail is made to fail here, before the first epoch of the first run."""

from collections.abc import Sequence
from pathlib import Path

from robench.board.endpoints import endpoint
from robench.data.sets import corrupted
from robench.data.sets.request import Request
from robench.download.disk import require_space
from robench.metrics.corruption_error import covered, covering, reference_errors
from robench.progress import Report, noting
from robench.runs.spec import RunSpec
from robench.study.estimate import Estimate
from robench.study.trial import try_out
from robench.training.stopping import placed


def check_networks(specs: Sequence[RunSpec], device: str, report: Report) -> None:
    """Build every model with every method once, and take one step on a tiny batch; starts no training.

    A layer that the loss does not reach is told once: it is no fault, its gradient counts as 0. Raises InputError or
    PluginError in one line. Writes nothing.
    """
    told = set()
    for spec in {f"{spec.dataset} {spec.model} {spec.method} {spec.training}": spec for spec in specs}.values():
        unreached = (spec.model, tuple(try_out(spec, device)))
        if unreached[1] and str(unreached) not in told:
            told.add(str(unreached))
            names = ", ".join(unreached[1])
            report(noting(f"{spec.model.name}: the loss does not reach {names}: the gradient there counts as 0"))


def check_room(store: Path, estimate: Estimate) -> None:
    """Raise DataError where the disk has no room for the results and the checkpoints of the runs at work."""
    require_space(store, "store:", estimate.store_bytes + estimate.checkpoint_bytes)


def check_data(specs: Sequence[RunSpec], data: Path, report: Report) -> None:
    """Get and verify the data, and see that what has to be generated can be.

    Raises InputError, PluginError or DataError in one line. Writes nothing but data that is fetched.
    """
    for spec in _by_suite(specs):
        request = Request.of_run(spec, data)
        endpoint(request.suite.protocol.endpoint)
        if (table := covering(spec.cells, request.suite.baseline_errors)) is not None:
            reference_errors([spec.cells[place] for place in covered(spec.cells, table)], table)
        corrupted.check(request, report)


def prepare(specs: Sequence[RunSpec], data: Path, report: Report) -> None:
    """Make the corrupted images that the runs need and that no cache holds."""
    for spec in _by_suite(specs):
        try:
            corrupted.open_cells(Request.of_run(spec, data), report)
        except KeyboardInterrupt as stop:
            raise placed(stop, f"while the corrupted images of {spec.suite} were made, finished files kept") from None


def _by_suite(specs: Sequence[RunSpec]) -> list[RunSpec]:
    return list({(spec.suite, spec.corruptions, spec.severities, spec.test_limit): spec for spec in specs}.values())
