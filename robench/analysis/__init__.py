"""What corruptions and networks look like."""

from robench.analysis.frequency import frequencies
from robench.analysis.samples import of_corruption, of_suite

__all__ = ["frequencies", "of_corruption", "of_suite"]
