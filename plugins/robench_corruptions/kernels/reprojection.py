"""What a camera sees after it moved, from one image and its depth: a warp with hidden surfaces and filled gaps."""

import math

import numpy as np

from robench_corruptions.kernels.arrays import Doubles
from robench_corruptions.kernels.compiled import compiled

_SURFACE = 0.1
"""Neighbours whose depths differ by more than this share belong to different surfaces."""


@compiled
def _step(depth: Doubles, y: int, x: int, down: int, right: int) -> float:
    """Return 1 where the pixel `down` and `right` of one lies on its surface, else 0."""
    y2, x2 = y + down, x + right
    inside = 0 <= y2 < depth.shape[0] and 0 <= x2 < depth.shape[1]
    return 1.0 if inside and abs(depth[y2, x2] - depth[y, x]) <= _SURFACE * depth[y, x] else 0.0


@compiled
def _project(
    depth: Doubles, across: float, down: float, ahead: float, rows: Doubles, columns: Doubles, front: Doubles
) -> None:
    """Find for each pixel of the moved camera the point of the image, row and column, that it sees.

    A pixel of `depth` (H, W) lands between four of the new image and is offered to all of them, so that surfaces
    that grow stay closed; the nearest offer wins. Between pixels it lies between points of one surface, never across
    an edge of depth. `front` is the distance, infinite where nothing is seen.
    """
    height, width = depth.shape
    middle_y, middle_x = (height - 1) / 2, (width - 1) / 2
    for y in range(height):
        for x in range(width):
            distance = depth[y, x] - ahead
            growth = depth[y, x] / distance
            row = middle_y + (y - middle_y) * growth - down / distance
            column = middle_x + (x - middle_x) * growth - across / distance
            for r in range(max(math.floor(row), 0), min(math.ceil(row) + 1, height)):
                for c in range(max(math.floor(column), 0), min(math.ceil(column) + 1, width)):
                    if distance < front[r, c]:
                        front[r, c] = distance
                        rows[r, c] = y + (r - row) / growth * _step(depth, y, x, 1 if r > row else -1, 0)
                        columns[r, c] = x + (c - column) / growth * _step(depth, y, x, 0, 1 if c > column else -1)


@compiled
def _fill(rows: Doubles, columns: Doubles, front: Doubles) -> None:
    """Let each gap of a row show what its farther end shows: the background behind whatever moved away."""
    height, width = front.shape
    for r in range(height):
        start = 0
        while start < width:
            end = start
            while end < width and front[r, end] == np.inf:
                end += 1
            if 0 < end - start < width:
                before = start > 0 and (end == width or front[r, start - 1] > front[r, end])
                source = start - 1 if before else end
                rows[r, start:end], columns[r, start:end] = rows[r, source], columns[r, source]
            start = end + 1


@compiled
def _add_seen(total: Doubles, image: Doubles, rows: Doubles, columns: Doubles, margin: int) -> None:
    """Add to `total` (H, W, C) the colours, bilinear, at these points of `image`, which is `margin` wider all round."""
    height, width, channels = total.shape
    for r in range(height):
        for c in range(width):
            y = min(max(rows[r + margin, c + margin], 0.0), image.shape[0] - 1.001)
            x = min(max(columns[r + margin, c + margin], 0.0), image.shape[1] - 1.001)
            top, left = int(y), int(x)
            down, right = y - top, x - left
            for k in range(channels):
                upper = image[top, left, k] * (1 - right) + image[top, left + 1, k] * right
                lower = image[top + 1, left, k] * (1 - right) + image[top + 1, left + 1, k] * right
                total[r, c, k] += upper * (1 - down) + lower * down


def exposed(image: Doubles, depth: Doubles, path: Doubles, margin: int) -> Doubles:
    """Return the mean of the views from each (across, down, ahead) of `path` (T, 3), float64 (H, W, C).

    `image` is (H, W, C), `depth` (H, W) positive. A step of d across moves a point at distance z by d / z pixels;
    `ahead` is in units of depth and less than half the nearest. Beyond the border lie `margin` mirrored pixels.
    """
    frame = ((margin, margin), (margin, margin))
    wide, far = np.pad(image, (*frame, (0, 0)), mode="reflect"), np.pad(depth, frame, mode="reflect")
    total = np.zeros(image.shape)
    grid = np.indices(far.shape, dtype=np.float64)
    rows, columns = grid[0], grid[1]
    for across, down, ahead in path:
        front = np.full(far.shape, np.inf)
        _project(far, across, down, ahead, rows, columns, front)
        _fill(rows, columns, front)
        _add_seen(total, wide, rows, columns, margin)
    return total / len(path)
