"""What is asked of one run: everything that changes its result, and nothing else."""

from functools import cached_property
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Len
from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
)

from robench.canonical import content_hash
from robench.schema import Frozen

Count = Annotated[int, Ge(1)]
Severity = Annotated[int, Ge(1), Le(5)]
Names = Annotated[tuple[str, ...], Len(min_length=1)]
RANDAUGMENT = r"rand(-(m\d+|n\d+|p\d*\.?\d+|mstd\d*\.?\d+|mmax\d+|inc[01]))+"
"""The timm configurations that are taken; timm itself passes over what it does not know."""

_UNWRITTEN = {"follows": None, "threads": 1}


class PluginSpec(Frozen):
    """A plugin by name with every option it takes."""

    name: str
    options: dict[str, Any] = Field(default_factory=dict)


class Training(Frozen):
    """How the network is optimised; all of it enters the content hash.

    The learning rate rises linearly over `warmup_epochs`, then falls to 0 along a cosine. `crop_padding` is in pixels.
    `mixup` is the alpha of its beta distribution, `randaugment` a timm configuration string ("rand-m9-n2").
    """

    epochs: Count
    batch_size: Count
    optimizer: Literal["sgd", "adamw"]
    learning_rate: Annotated[float, Gt(0)]
    momentum: Annotated[float, Ge(0), Le(1)] = 0.9
    nesterov: bool = False
    weight_decay: Annotated[float, Ge(0)] = 0.0
    warmup_epochs: Annotated[float, Ge(0)] = 0.0
    label_smoothing: Annotated[float, Ge(0), Le(1)] = 0.0
    crop_padding: Annotated[int, Ge(0)] = 0
    flip: bool = False
    mixup: Annotated[float, Ge(0)] = 0.0
    randaugment: Annotated[str, StringConstraints(pattern=rf"^{RANDAUGMENT}$")] | None = None
    precision: Literal["32-true", "bf16-mixed"] = "32-true"
    channels_last: bool = False
    compile: bool = False


class RunSpec(Frozen):
    """One training run and its evaluation, with everything that changes the result and nothing else.

    `source` says whether the corrupted images are the published ones or generated. `versions` maps each plugin used
    to `distribution==version`. `train_limit` and `test_limit` keep the first so many images, None keeps all. `follows`
    is the id of the run whose masks and weights the method starts from. `threads` is the number of threads that PyTorch
    computes with on a CPU: sums over other parts round otherwise. Both are written only where they say something
    (`follows` where there is one, `threads` above 1), so that specs older than the fields keep their ids.
    """

    suite: str
    dataset: str
    source: Literal["published", "generated"]
    corruptions: Names
    severities: Annotated[tuple[Severity, ...], Len(min_length=1)]
    corruption_seed: int
    model: PluginSpec
    method: PluginSpec
    training: Training
    seed: Annotated[int, Ge(0)]
    train_limit: Count | None = None
    test_limit: Count | None = None
    versions: dict[str, str]
    follows: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")] | None = None
    threads: Count = 1

    @model_serializer(mode="wrap")
    def _plain(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        plain: dict[str, Any] = serialise(self)
        return {key: value for key, value in plain.items() if key not in _UNWRITTEN or value != _UNWRITTEN[key]}

    @cached_property
    def id(self) -> str:
        """The content hash: 16 hexadecimal digits; equal for equal specs, whatever machine or path."""
        return content_hash(self.model_dump(mode="json"))[:16]

    @property
    def sparsity(self) -> float:
        """The sparsity asked of the method, 0 where it has none."""
        return float(self.method.options.get("sparsity", 0.0))

    @property
    def setting(self) -> str:
        """Hash of all that two runs must share to stand in one table: everything but model, method and seed."""
        plain = self.model_dump(mode="json", exclude={"model", "method", "seed", "versions", "follows"})
        return content_hash(plain)[:8]

    @property
    def cells(self) -> tuple[tuple[str, int], ...]:
        """Every (corruption, severity), corruption by corruption."""
        return tuple((name, severity) for name in self.corruptions for severity in self.severities)

    @property
    def label(self) -> str:
        """Names, sparsity and seed as a short text; `robench.runs.labels` tells runs apart that share it."""
        return self.worded(self.model.name, self.method.name)

    def worded(self, model: str, method: str) -> str:
        """Say suite, model, method, sparsity and seed in one line, the model and the method in these words."""
        sparsity = f" {self.sparsity}" if self.sparsity else ""
        return f"{self.suite} {model} {method}{sparsity} seed {self.seed}"
