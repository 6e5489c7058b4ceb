"""Pictures measured from their headers: which are decoration (logos, signatures, buttons), which may be a page. Decodes no pixel."""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.guard import check_pixels
from mailbox_ingest.errors import DocumentError

_SMALL_BYTES = 40_000
_SMALL_HEIGHT = 350
_INLINE_BYTES = 120_000
_INLINE_SIDE = 420
_TINY_PIXELS = 160 * 160
_BANNER_ASPECT = 5.0
_BANNER_SIDE = 300
_LEGIBLE_SIDE = 500  # a page of text with a shorter side than this cannot be read by anybody


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Pixels of the first frame, and the size of the file."""

    width: int
    height: int
    size_bytes: int


def measure(data: bytes, limits: LimitsConfig) -> Picture | None:
    """The picture's size, None where the header does not tell (HEIC, or damage: its reader will say).

    Raises DocumentError 'too_large' where decoding would take more pixels than allowed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about bombs (our own bound stands below) and crooked metadata
            with Image.open(io.BytesIO(data)) as image:
                width, height = image.size
    except Image.DecompressionBombError as problem:
        raise DocumentError("too_large", f"picture: {problem}") from problem
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, struct.error, TypeError, EOFError, OverflowError):
        return None
    check_pixels(width, height, limits)
    return Picture(width=width, height=height, size_bytes=len(data))


def is_decoration(picture: Picture | None, *, referenced: bool) -> bool:
    """Whether a picture cannot be a report. `referenced`: the HTML body shows it in its text, as signatures do.

    In doubt it is no decoration: a picture read in vain costs a second, a page passed over costs a report.
    """
    if picture is None:
        return False
    short, long = sorted((picture.width, picture.height))
    if short * long <= _TINY_PIXELS or (long > _BANNER_ASPECT * short and short < _BANNER_SIDE):
        return True
    if referenced:
        return short < _INLINE_SIDE and picture.size_bytes < _INLINE_BYTES
    return picture.size_bytes < _SMALL_BYTES and picture.height < _SMALL_HEIGHT


def may_be_page(picture: Picture | None) -> bool:
    """Whether a picture inside a Word file is large enough to be a pasted page."""
    return picture is None or min(picture.width, picture.height) >= _LEGIBLE_SIDE
