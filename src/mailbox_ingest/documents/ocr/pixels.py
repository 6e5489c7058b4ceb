"""Arrays of pixels seen smaller, moved or through a homography, and boxes led along. Holds no pages; refuses nothing."""

from __future__ import annotations

from math import ceil

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]
Zone = tuple[int, int, int, int]  # left, top, right, bottom

_SHARP = 0.75  # shrunk by more, a picture is seen through linear interpolation, which then softens as much as is needed


def reduced(image: Pixels, factor: int) -> Pixels:
    """`image` smaller by a whole factor, averaged; an odd row or column at the right and bottom is left out.

    Halving is what OpenCV does fastest by far: an odd rest (a factor of 3 is 2 x 1.5) is taken by interpolation.
    """
    size = (image.shape[1] // factor, image.shape[0] // factor)
    if factor == 1 or not min(size):
        return image
    while factor >= 2 and min(image.shape[:2]) >= 2:
        image = halved(image)
        factor = factor // 2 if factor % 2 == 0 else 1
    return image if (image.shape[1], image.shape[0]) == size else np.asarray(cv2.resize(image, size), dtype=np.uint8)


def halved(image: Pixels) -> Pixels:
    """Each pixel the mean of four."""
    height, width = image.shape[0] // 2, image.shape[1] // 2
    return np.asarray(cv2.resize(image[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def warp(image: Pixels, matrix: Matrix, size: tuple[int, int], *, smooth: bool = False) -> Pixels:
    """`image` seen through `matrix` at `size` (width, height); what lies outside is a copy of the border. Shrinking averages first.
    `smooth`: the picture has no edges to keep, and linear interpolation will do."""
    if np.allclose(matrix, np.eye(3)) and (image.shape[1], image.shape[0]) == size:
        return image
    shrink = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    if 0 < shrink < _SHARP:
        image, matrix = cropped(image, matrix, size)
        while shrink < 0.5 and min(image.shape[:2]) >= 4:
            image, shrink = halved(image), shrink * 2
            matrix = matrix @ scaled(2.0, 2.0)
    interpolation = cv2.INTER_LINEAR if smooth or shrink < _SHARP else cv2.INTER_CUBIC
    if np.array_equal(matrix[2], (0.0, 0.0, 1.0)):  # a scan: no perspective, a tenth less to do
        seen = cv2.warpAffine(image, matrix[:2], size, flags=interpolation, borderMode=cv2.BORDER_REPLICATE)
    else:
        seen = cv2.warpPerspective(image, matrix, size, flags=interpolation, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, dtype=np.uint8)


def cropped(image: Pixels, matrix: Matrix, size: tuple[int, int]) -> tuple[Pixels, Matrix]:
    """The part of `image` that shows through `matrix` at `size`, with what interpolation needs around it, and the matrix for it."""
    left, top, right, bottom = zone_seen(inverse(matrix), (0, 0, *size), (image.shape[1], image.shape[0]), 8)
    if right <= left or bottom <= top:
        return image, matrix
    return image[top:bottom, left:right], matrix @ moved(-left, -top)


def inverse(matrix: Matrix) -> Matrix:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def moved(left: int, top: int) -> Matrix:
    """Leads (left, top) to the origin."""
    return np.array([[1.0, 0.0, -left], [0.0, 1.0, -top], [0.0, 0.0, 1.0]])


def scaled(across: float, down: float) -> Matrix:
    """From the centres of a reduced picture's pixels to where they were before it was reduced so many times."""
    return np.array([[across, 0.0, (across - 1) / 2], [0.0, down, (down - 1) / 2], [0.0, 0.0, 1.0]])


def map_box(matrix: Matrix, left: float, top: float, right: float, bottom: float) -> tuple[int, int, int, int]:
    """The upright rectangle (left, top, width, height) around a box seen through `matrix`."""
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()  # four points: plain arithmetic takes a tenth of what arrays do
    corners = [(x, y, g * x + h * y + i) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))]
    xs = [(a * x + b * y + c) / depth for x, y, depth in corners]
    ys = [(d * x + e * y + f) / depth for x, y, depth in corners]
    return int(min(xs)), int(min(ys)), ceil(max(xs) - min(xs)), ceil(max(ys) - min(ys))


def zone_seen(matrix: Matrix, zone: Zone, size: tuple[int, int], margin: int = 0) -> Zone:
    """The zone seen through `matrix`, with a margin, as far as it lies within (width, height)."""
    left, top, width, height = map_box(matrix, *zone)
    right, bottom = left + width + 1 + margin, top + height + 1 + margin
    return max(0, left - margin), max(0, top - margin), min(size[0], right), min(size[1], bottom)
