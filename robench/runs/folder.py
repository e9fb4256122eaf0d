"""The names of the files of a run folder: those that a record seals, and those of unfinished work."""

from collections.abc import Iterable

RECORD = "record.json"
SPEC = "spec.json"
BITS = "bits.npz"
MODEL = "model.safetensors"
MASKS = "masks.safetensors"
LOG = "log.jsonl"

SEALED = (SPEC, BITS, MODEL, MASKS, LOG)
"""The files whose SHA-256 a record lists; the record itself is renamed in after them."""


def begun(files: Iterable[str]) -> bool:
    """Say whether a run without a record has been worked on, from the names of its files; else it is only planned."""
    return any(name != SPEC for name in files)


PARTIAL = "bits.partial.npy"
TRACEBACK = "traceback.txt"
RESUME = "resume.json"
RESUME_TENSORS = "resume-{step}.safetensors"
"""The tensors of the checkpoint after so many steps; `RESUME` says which of them is whole."""
