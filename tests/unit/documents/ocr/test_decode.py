"""Image bytes: bounds before pixels, orientation, pages, damage."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.ocr import turbo
from mailbox_ingest.documents.ocr.decode import decode_images
from mailbox_ingest.documents.ocr.picture import Tint, picture_of
from mailbox_ingest.errors import DocumentError

LIMITS = LimitsConfig()
pillow_heif.register_heif_opener()  # so that the tests can write HEIC too


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def code_of(data: bytes, limits: LimitsConfig = LIMITS) -> str:
    with pytest.raises(DocumentError) as caught:
        list(decode_images(data, limits))
    return caught.value.code


def test_a_png_that_claims_a_huge_size_is_refused_from_its_header() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    for side in (12_000, 60_000):
        header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
        assert code_of(bomb) == "too_large"


def test_a_tiff_with_too_many_pages_is_refused() -> None:
    page = Image.new("1", (60, 60), 1)
    data = saved(page, "TIFF", save_all=True, append_images=[page] * 3)
    assert code_of(data, LimitsConfig(max_pages=3)) == "too_large"


def test_every_page_of_a_tiff_comes_out_numbered() -> None:
    first, second = Image.new("1", (60, 80), 1), Image.new("1", (90, 50), 0)
    pages = list(decode_images(saved(first, "TIFF", save_all=True, append_images=[second]), LIMITS))
    assert [(page.number, page.image.shape) for page in pages] == [(1, (80, 60)), (2, (50, 90))]
    assert (pages[0].image.max(), pages[1].image.max()) == (255, 0)


def test_a_photo_is_turned_as_its_exif_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(Image.new("RGB", (80, 40), "white"), "JPEG", exif=exif)
    assert next(decode_images(data, LIMITS)).image.shape == (80, 40, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "HEIF"])
def test_every_promised_format_opens(kind: str) -> None:
    picture = Image.new("RGB", (64, 48), (250, 10, 10))
    image = next(decode_images(saved(picture, kind), LIMITS)).image
    assert image.shape == (48, 64, 3)
    assert np.abs(image[20, 20].astype(int) - (250, 10, 10)).max() < 12


def test_transparent_ink_stands_on_white_paper() -> None:
    image = next(decode_images(saved(Image.new("RGBA", (64, 48), (0, 0, 0, 0)), "PNG"), LIMITS)).image
    assert image.min() == 255


def test_sixteen_bit_grey_keeps_its_contrast() -> None:
    deep = np.full((40, 40), 60_000, np.uint16)
    deep[10:20] = 500
    image = next(decode_images(saved(Image.fromarray(deep), "PNG"), LIMITS)).image
    assert image[15, 5] < 2
    assert image[30, 5] > 253


@pytest.mark.parametrize("data", [b"", b"not an image at all", b"\xff\xd8\xff\xe0" + b"\0" * 200, b"GIF89a\x01"])
def test_what_is_no_image_is_unreadable(data: bytes) -> None:
    assert code_of(data) == "unreadable"


def test_a_truncated_photo_is_unreadable_not_half_read(report_page: Callable[..., object]) -> None:
    whole = report_page("4.215", "3.480", "3.102").bytes("JPEG")  # type: ignore[attr-defined]
    assert code_of(whole[: len(whole) // 2]) == "unreadable"


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_photo_has_the_pixels_that_pillow_reads(report_page: Callable[..., object], mode: str) -> None:
    whole = saved(report_page("4.215", "3.480", "3.102").image.convert(mode), "JPEG", quality=70, dpi=(150, 150))  # type: ignore[attr-defined]
    page = next(decode_images(whole, LIMITS))
    expected = np.array(Image.open(io.BytesIO(whole)).convert("L" if mode == "L" else "RGB"))
    assert np.array_equal(page.image, expected)
    assert page.dpi == 150


@pytest.mark.parametrize("end", [b"", b"\xff\xd9"])
def test_a_photo_cut_short_is_never_taken_for_a_whole_one(report_page: Callable[..., object], end: bytes) -> None:
    whole = report_page("4.215", "3.480", "3.102").bytes("JPEG")  # type: ignore[attr-defined]
    cut = whole[: len(whole) // 3] + end
    try:
        expected: object = np.array(Image.open(io.BytesIO(cut)).convert("RGB"))
    except OSError:
        assert code_of(cut) == "unreadable"
    else:  # Pillow pads what ends early with its own end mark; so do we, and no otherwise
        assert np.array_equal(next(decode_images(cut, LIMITS)).image, expected)


@pytest.mark.parametrize(("subsampling", "parts"), [("4:4:4", (1, 1)), ("4:2:2", (2, 1)), ("4:2:0", (2, 2))])
@pytest.mark.parametrize("size", [(320, 240), (321, 239)])
def test_light_and_colour_of_a_photo_come_apart_and_go_together_again(
    size: tuple[int, int], subsampling: str, parts: tuple[int, int]
) -> None:
    picture = Image.new("RGB", size, (235, 228, 205))
    picture.paste((205, 30, 45), (40, 60, 90, 140))
    picture.paste((10, 10, 10), (150, 60, 200, 140))
    data = saved(picture, "JPEG", quality=85, subsampling=subsampling)
    page = next(decode_images(data, LIMITS, apart=True))
    assert isinstance(page.tint, Tint) and (page.tint.across, page.tint.down) == parts
    opened = Image.open(io.BytesIO(data))
    opened.draft("L", opened.size)
    assert np.array_equal(page.image, np.array(opened))
    expected = np.array(Image.open(io.BytesIO(data))).astype(int)
    whole = picture_of(page.image, page.tint).seen(np.eye(3), size)
    assert np.abs(whole - expected).mean() < 1
    half = picture_of(page.image, page.tint).small(np.ascontiguousarray(page.image[::2, ::2][: size[1] // 2, : size[0] // 2]), 2)
    assert np.abs(half[50, 32] - expected[100, 64]).max() < 6


def test_light_and_colour_of_a_damaged_photo_are_left_to_pillow(report_page: Callable[..., object]) -> None:
    whole = report_page("4.215", "3.480", "3.102").bytes("JPEG")  # type: ignore[attr-defined]
    for cut in (whole[: len(whole) // 2], whole[:-200] + b"\xff\xd9"):
        assert turbo.planes_of(cut, 1654, 2339) is None
    assert turbo.planes_of(whole, 1654, 2338) is None


def test_without_the_library_a_photo_is_decoded_whole(monkeypatch: pytest.MonkeyPatch, report_page: Callable[..., object]) -> None:
    monkeypatch.setattr(turbo, "_library", lambda: None)
    page = next(decode_images(report_page("1", "2", "3").bytes("JPEG"), LIMITS, apart=True))  # type: ignore[attr-defined]
    assert page.tint is None and page.image.shape == (2339, 1654, 3)
