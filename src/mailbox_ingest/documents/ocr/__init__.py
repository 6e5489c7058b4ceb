"""OCR: scans and photographs become Documents. Holds the one entry point for image files; imports nothing heavy until it is called.

Refuses to invent: what two independent passes do not agree on leaves here with a confidence that sends it to a person.
"""

from __future__ import annotations

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.model import Document


def read_image(data: bytes, path: str, limits: LimitsConfig) -> Document:
    """The text and tables of an image file (JPEG, PNG, TIFF with several pages, BMP, GIF, WebP, HEIC).

    Raises DocumentError: 'unreadable' (broken, or nothing legible), 'too_large' (pixels or pages), 'unsupported' (no Tesseract data).
    """
    from mailbox_ingest.documents.ocr import decode, pages  # noqa: PLC0415 - OpenCV and Tesseract are paid for by scans only

    return pages.read_pages(decode.decode_images(data, limits, apart=True), path, limits)
