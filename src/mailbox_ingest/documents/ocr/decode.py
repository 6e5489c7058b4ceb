"""Image bytes to upright RGB pages. Holds every bound that must be checked before pixels are allocated; refuses what Pillow cannot open."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.ocr.picture import Tint
from mailbox_ingest.documents.ocr.pixels import Pixels
from mailbox_ingest.documents.ocr.turbo import planes_of
from mailbox_ingest.errors import DocumentError

_ORIENTATION = 0x0112
_END_OF_JPEG, _TAIL = b"\xff\xd9", 64
_FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "DIB", "GIF", "WEBP", "HEIF")
_DECODE_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
    RuntimeError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageImage:
    """One page as pixels: `image` is (height, width, 3) RGB or (height, width) grey, 8 bit, of which `tint` is the colour where it is known
    apart; `dpi` is what the file claims, or None."""

    number: int  # from 1
    image: Pixels
    tint: Tint | None = None
    dpi: float | None = None


def decode_images(data: bytes, limits: LimitsConfig, *, apart: bool = False) -> Iterator[PageImage]:
    """The frames of an image file, turned as their EXIF orientation says, one in memory at a time; with `apart`, light and colour of a JPEG
    are left as it keeps them.

    Raises DocumentError 'too_large' from the header alone, 'unreadable' for bytes that are no image or a broken one.
    """
    pillow_heif.register_heif_opener()
    number, count = 1, 1
    while number <= count:
        page, count = _decode(data, number, limits, apart=apart)
        yield page
        number += 1


def _decode(data: bytes, number: int, limits: LimitsConfig, *, apart: bool) -> tuple[PageImage, int]:
    """One frame and how many there are. Opened anew for each, so that no decoded frame stays in memory beside the page made of it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of sizes that we bound ourselves, and of odd EXIF
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                check_pixels(picture.width, picture.height, limits)
                # Only a TIFF has pages; elsewhere several frames are an animation or a preview.
                count = getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1
                if count > limits.max_pages:
                    raise DocumentError("too_large", f"the image has more than {limits.max_pages} pages")
                if number > 1:
                    picture.seek(number - 1)
                    check_pixels(picture.width, picture.height, limits)
                return _jpeg_page(number, picture, data, apart=apart) or _page(number, picture), count
    except DocumentError:
        raise
    except Image.DecompressionBombError as error:
        raise DocumentError("too_large", f"the image is too large: {error}") from error
    except UnidentifiedImageError as error:
        raise DocumentError("unreadable", "the bytes are not an image that can be opened") from error
    except _DECODE_ERRORS as error:
        raise DocumentError("unreadable", f"the image is damaged: {error}") from error


def check_pixels(width: int, height: int, limits: LimitsConfig) -> None:
    """Raises DocumentError 'too_large' when a page of this size must not be decoded."""
    if width * height > limits.max_pixels:
        raise DocumentError("too_large", f"the image has {width} x {height} pixels; the limit is {limits.max_pixels}")


def _jpeg_page(number: int, frame: Image.Image, data: bytes, *, apart: bool) -> PageImage | None:
    """A plain, whole, upright JPEG straight into arrays: the pixels that Pillow gives, without its copies of them.

    None for every other: Pillow decides what is damaged, and turns what lies on its side.
    """
    plain = frame.format == "JPEG" and frame.mode in {"L", "RGB"} and frame.getexif().get(_ORIENTATION, 1) == 1
    if not plain or not data[-_TAIL:].rstrip(b"\0\r\n").endswith(_END_OF_JPEG):
        return None
    planes = planes_of(data, frame.width, frame.height) if apart and frame.mode == "RGB" else None
    if planes is not None:
        return PageImage(number=number, image=planes[0], tint=planes[1], dpi=_claimed_dpi(frame))
    colour = cv2.IMREAD_COLOR_RGB if frame.mode == "RGB" else cv2.IMREAD_GRAYSCALE
    pixels = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), colour | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None or pixels.shape[:2] != (frame.height, frame.width):
        return None
    return PageImage(number=number, image=np.asarray(pixels, dtype=np.uint8), dpi=_claimed_dpi(frame))


def _page(number: int, frame: Image.Image) -> PageImage:
    dpi = _claimed_dpi(frame)
    turned = frame.getexif().get(_ORIENTATION, 1) != 1
    upright = ImageOps.exif_transpose(frame) if turned else frame  # transposing copies even where nothing turns
    if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
        coloured = upright.convert("RGBA")
        paper = Image.new("RGBA", coloured.size, "white")
        upright = Image.alpha_composite(paper, coloured)
    elif upright.mode.startswith("I;16") or upright.mode in {"I", "F"}:
        deep = np.asarray(upright, dtype=np.float32)
        span = float(deep.max() - deep.min()) or 1.0
        return PageImage(number=number, image=((deep - deep.min()) * (255.0 / span)).astype(np.uint8), dpi=dpi)
    mode = "L" if upright.mode in {"1", "L"} else "RGB"
    # Copies of a page are dear: the array is a view of the one that Pillow gives out.
    return PageImage(number=number, image=np.asarray(upright if upright.mode == mode else upright.convert(mode)), dpi=dpi)


def _claimed_dpi(frame: Image.Image) -> float | None:
    claimed = frame.info.get("dpi")
    try:
        across, down = (float(value) for value in claimed) if claimed else (0.0, 0.0)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return across if across > 0 and 0.8 < across / (down or 1.0) < 1.25 else None
