"""How the C library treats the memory of pages. Holds two bounds; changes nothing where it has no such knobs (musl, macOS).

A page comes and goes as dozens of arrays of megabytes. By default each is given back to the kernel when it is freed and taken again,
page fault by page fault, for the next: a sixth of what a reading cost beside Tesseract.
"""

from __future__ import annotations

import ctypes
from functools import cache

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_KEPT_BYTES = 128 << 20  # freed memory that stays with the process: what a page of 12 megapixels needs at most
_OWN_MAPPING_BYTES = 64 << 20  # larger arrays are mapped alone and given back at once


@cache
def keep_freed_memory() -> None:
    """Tells the allocator, once a process, to keep what a page leaves behind for the next one."""
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        tune(_M_MMAP_THRESHOLD, _OWN_MAPPING_BYTES)
        tune(_M_TRIM_THRESHOLD, _KEPT_BYTES)
