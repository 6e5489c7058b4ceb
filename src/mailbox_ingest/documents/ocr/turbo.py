"""The wall around libturbojpeg: a colour JPEG's own planes. Decides nothing: None where the library is missing, fails or as much as warns.

A JPEG keeps light and colour apart, the colour mostly at half the size. Whoever asks for RGB has the colour enlarged and mixed in, and the
first thing that reading does is to part them again: a tenth of what a photograph cost beside Tesseract.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_char_p, c_int, c_ubyte, c_ulong, c_void_p
from functools import cache

import numpy as np

from mailbox_ingest.documents.ocr.picture import Tint
from mailbox_ingest.documents.ocr.pixels import Pixels

# turbojpeg.h
_YCBCR = 1  # TJCS_YCbCr
_LIMIT_SCANS = 32768  # TJFLAG_LIMITSCANS: a progressive JPEG of hundreds of scans is an attack
_NAMES = ("libturbojpeg.so.0", "libturbojpeg.0.dylib")
_Bytes, _Integers = POINTER(c_ubyte), POINTER(c_int)


def planes_of(data: bytes, width: int, height: int) -> tuple[Pixels, Tint] | None:
    """The light (`height` x `width`) and the colour of a JPEG that should have this size, as they stand in it."""
    library = _library()
    handle = library.tjInitDecompress() if library is not None else None
    if library is None or not handle:
        return None
    try:
        wide, tall, sampling, colours = c_int(), c_int(), c_int(), c_int()
        failed = library.tjDecompressHeader3(handle, data, len(data), byref(wide), byref(tall), byref(sampling), byref(colours))
        if failed or (wide.value, tall.value, colours.value) != (width, height, _YCBCR) or sampling.value < 0:
            return None
        columns = [library.tjPlaneWidth(index, width, sampling.value) for index in range(3)]
        rows = [library.tjPlaneHeight(index, height, sampling.value) for index in range(3)]
        if min(columns) < 1 or min(rows) < 1:
            return None
        light, blue, red = planes = [np.empty((tall_, wide_), dtype=np.uint8) for tall_, wide_ in zip(rows, columns, strict=True)]
        places = (_Bytes * 3)(*(plane.ctypes.data_as(_Bytes) for plane in planes))
        if library.tjDecompressToYUVPlanes(handle, data, len(data), places, width, (c_int * 3)(*columns), height, _LIMIT_SCANS):
            return None
        return light[:height, :width], Tint(blue=blue, red=red, across=columns[0] // columns[1], down=rows[0] // rows[1])
    finally:
        library.tjDestroy(handle)


@cache
def _library() -> ctypes.CDLL | None:
    for name in _NAMES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        library.tjInitDecompress.restype = c_void_p
        library.tjDestroy.argtypes = (c_void_p,)
        library.tjPlaneWidth.argtypes = library.tjPlaneHeight.argtypes = (c_int, c_int, c_int)
        library.tjDecompressHeader3.argtypes = (c_void_p, c_char_p, c_ulong, *[_Integers] * 4)
        library.tjDecompressToYUVPlanes.argtypes = (c_void_p, c_char_p, c_ulong, POINTER(_Bytes), c_int, _Integers, c_int, c_int)
        return library
    return None
