"""A page's pixels as light and colour. The light is looked at everywhere and in full, the colour on a draft and where it stands."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mailbox_ingest.documents.ocr.pixels import Matrix, Pixels, halved, reduced, scaled, warp


@dataclass(frozen=True, slots=True, kw_only=True)
class Tint:
    """The colour of a JPEG as the file keeps it (Cb, Cr): one value for `across` x `down` pixels of its light."""

    blue: Pixels
    red: Pixels
    across: int
    down: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """`light` is grey. `colour` is the whole in RGB, or its tint; None for a grey picture."""

    light: Pixels
    colour: Pixels | Tint | None

    def small(self, light: Pixels, factor: int) -> Pixels:
        """In RGB and smaller by a whole factor; `light` is the light reduced so."""
        if not isinstance(self.colour, Tint):
            return reduced(self._rgb(), factor)
        size = (light.shape[1], light.shape[0])
        return _mixed(light, *(_fitted(plane, size) for plane in (self.colour.red, self.colour.blue)))

    def seen(self, matrix: Matrix, size: tuple[int, int]) -> Pixels:
        """In RGB through `matrix` at `size` (width, height)."""
        if not isinstance(self.colour, Tint):
            return warp(self._rgb(), matrix, size)
        to_light = matrix @ scaled(self.colour.across, self.colour.down)
        planes = (warp(plane, to_light, size, smooth=True) for plane in (self.colour.red, self.colour.blue))
        return _mixed(warp(self.light, matrix, size), *planes)

    def _rgb(self) -> Pixels:
        return self.colour if isinstance(self.colour, np.ndarray) else np.dstack([self.light] * 3)


def picture_of(image: Pixels, tint: Tint | None = None) -> Picture:
    """Of an RGB or grey array, or of a light with its tint."""
    if image.ndim == 2:
        return Picture(light=image, colour=tint)
    return Picture(light=np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8), colour=image)


def _mixed(light: Pixels, red: Pixels, blue: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(cv2.merge((light, red, blue)), cv2.COLOR_YCrCb2RGB), dtype=np.uint8)


def _fitted(plane: Pixels, size: tuple[int, int]) -> Pixels:
    while plane.shape[1] >= 2 * size[0] and plane.shape[0] >= 2 * size[1]:
        plane = halved(plane)
    return plane if (plane.shape[1], plane.shape[0]) == size else np.asarray(cv2.resize(plane, size), dtype=np.uint8)
