"""Pieces of ink found by their outlines."""

from __future__ import annotations

import cv2
import numpy as np

from mailbox_ingest.documents.ocr.blobs import blobs_of, paint, rub_out


def mask() -> np.ndarray:
    """A frame with a dot in it, and a stroke beside it."""
    drawn = np.zeros((100, 160), np.uint8)
    cv2.rectangle(drawn, (10, 10), (60, 60), 255, 2)
    drawn[30:34, 30:35] = 255
    cv2.line(drawn, (100, 20), (140, 70), 255, 3)
    return drawn


def test_pieces_are_those_that_labelling_every_pixel_finds_and_what_a_frame_holds_is_one() -> None:
    rng = np.random.default_rng(4)
    for drawn in (mask(), (rng.random((80, 120)) < 0.2).astype(np.uint8) * 255, np.full((9, 9), 255, np.uint8)):
        _, _, stats, _ = cv2.connectedComponentsWithStats(drawn, connectivity=8)
        assert sorted(map(tuple, blobs_of(drawn).boxes.tolist())) == sorted(map(tuple, stats[1:, :4].tolist()))


def test_an_empty_mask_has_no_pieces() -> None:
    blobs = blobs_of(np.zeros((20, 20), np.uint8))
    assert blobs.boxes.shape == (0, 4)
    assert blobs.sides.size == 0


def test_a_frame_is_rubbed_out_without_what_it_frames() -> None:
    drawn = mask()
    blobs = blobs_of(drawn)
    rub_out(drawn, blobs, blobs.widths > 50)
    assert drawn[30:34, 30:35].all()
    assert np.count_nonzero(drawn[:, :80]) == 20
    rub_out(drawn, blobs, blobs.sides <= 5)
    assert not drawn[:, :80].any() and drawn[:, 90:].any()


def test_painting_fills_the_chosen_pieces_only() -> None:
    drawn = mask()
    blobs = blobs_of(drawn)
    spots = np.zeros_like(drawn)
    paint(spots, blobs, blobs.sides <= 5, 255)
    assert np.count_nonzero(spots) == 20
