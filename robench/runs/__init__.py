"""One run at rest: what was asked, what came out, and the folder both lie in."""

from robench.runs.index import Scan, scan
from robench.runs.record import RunRecord
from robench.runs.result import Result, result_of
from robench.runs.spec import PluginSpec, RunSpec, Training
from robench.runs.store import Store, default_root

__all__ = [
    "PluginSpec",
    "Result",
    "RunRecord",
    "RunSpec",
    "Scan",
    "Store",
    "Training",
    "default_root",
    "result_of",
    "scan",
]
