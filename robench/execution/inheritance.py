"""What a finished run leaves to the run that follows it: final masks and weights."""

from torch import Tensor

from robench import atomic
from robench.errors import StoreError
from robench.runs.folder import MASKS, MODEL
from robench.runs.store import Store
from robench.runs.weights import load_masks, load_model


def inheritance(store: Store, run_id: str) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Return the masks, none for a method without them, and the state dict of a finished run, on the CPU.

    Both files are checked against the digests in the record. Raises StoreError where the run has no result.
    """
    record = store.record(run_id)
    if record is None or record.status != "finished":
        raise StoreError(f"follows: run {run_id} has no result; do it first")
    folder = store.folder(run_id)
    for name in (MODEL, MASKS):
        if name in record.files and atomic.sha256(folder / name) != record.files[name]:
            raise StoreError(f"{run_id}/{name}: not the bytes that its record lists")
    masks = load_masks(folder / MASKS) if MASKS in record.files else {}
    return masks, load_model(folder / MODEL)
