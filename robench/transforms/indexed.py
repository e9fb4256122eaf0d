"""Which image of a data set is being read: what makes a corruption in a pipeline repeatable."""

from contextvars import ContextVar
from typing import Any, final

from torch.utils.data import Dataset

_INDEX: ContextVar[int | None] = ContextVar("index of the image that is being read", default=None)


def current_index() -> int | None:
    """Return the index that an `Indexed` data set is being asked for, None outside of one."""
    return _INDEX.get()


@final
class Indexed(Dataset[Any]):
    """A data set whose transforms can know the index of the image they are given.

    `Indexed(dataset)[i]` is `dataset[i]`, and `Subset(Indexed(dataset), [7])` corrupts image 7 as the whole set does.
    Each worker of a DataLoader, process or thread, has an index of its own.

    Args:
        dataset: With `__getitem__` for whole numbers and `__len__`, as those of torchvision.

    Example:
        >>> Indexed(["a", "b"])[-1], len(Indexed(["a", "b"]))
        ('b', 2)
    """

    def __init__(self, dataset: Any) -> None:
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> Any:
        if not -len(self) <= index < len(self):
            raise IndexError(f"index {index} of {len(self)} images")
        token = _INDEX.set(int(index) % len(self))
        try:
            return self.dataset[index]
        finally:
            _INDEX.reset(token)
