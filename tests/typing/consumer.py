"""What a user of the public functions writes, for type checkers: never run, wrong where a line says so."""

from pathlib import Path
from typing import assert_type

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

import robench
from robench.board.board import Board
from robench.contracts import Method

Images = NDArray[np.uint8]


def corrupted_forms(tensor: Tensor, picture: Image.Image) -> None:
    assert_type(robench.corrupt(tensor, "fog", 3), Tensor)
    assert_type(robench.corrupt(picture, "fog", 3), Image.Image)


def corrupted(images: Images, halves: NDArray[np.float64], depth: NDArray[np.float32]) -> None:
    assert_type(robench.corrupt(images, "fog", 3), Images)
    assert_type(robench.corrupt(images, "near_focus", severity=3, preset="imagenet", maps={"depth": depth}), Images)
    robench.corrupt(images, 3)  # wrong: no severity, and 3 is no name
    robench.corrupt(images, "fog", "3")  # wrong: a severity is a number
    robench.corrupt(halves, "fog", 3)  # wrong: images are bytes
    robench.corrupt(images, "fog", 3, colour="red")  # wrong: no such parameter
    _ = robench.corrupt(images, "fog", 3).nothing  # wrong: an array has no such attribute


def constructed() -> None:
    assert_type(robench.method("rigl", sparsity=0.9), Method)
    robench.method()  # wrong: no name
    robench.method(3)  # wrong: a name is text
    _ = robench.method("rigl").nothing  # wrong: no such hook


def counted(model: nn.Module) -> None:
    assert_type(robench.flops(model, (3, 32, 32), masks={"0.weight": 0.1}), float)
    robench.flops(model)  # wrong: no size
    robench.flops("resnet18", (3, 32, 32))  # wrong: a module, not its name


def ran() -> None:
    assert_type(robench.run(suite="digits-c"), list[Board])
    assert_type(robench.run("digits-c", jobs=2, store=Path("runs")), list[Board])
    assert_type(robench.run(methods=["rigl", "set"], seeds=5)[0].suite, str)
    robench.run("digits-c", "runs")  # wrong: all but the name go by keyword
    robench.run(jobs="2")  # wrong: a count is a number
    robench.run(suites="digits-c")  # wrong: the parameter is `suite`


def ranked(store: Path) -> None:
    assert_type(robench.leaderboard(), list[Board])
    assert_type(robench.leaderboard(store, suite=["digits-c"], sparsity=0.9), list[Board])
    robench.leaderboard(3)  # wrong: a store is a path
    robench.leaderboard(store, "digits-c")  # wrong: all but the store go by keyword
    _ = robench.leaderboard(store)[0].nothing  # wrong: a board has no such field


def looked_at() -> None:
    assert_type(robench.__version__, str)
    _ = robench.nothing  # wrong: no such function
