"""Ruled tables: lines found, straightened, turned into cells with spans. Holds positions only; a frame of one cell is no table."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from mailbox_ingest.documents.ocr.blobs import blobs_of
from mailbox_ingest.documents.ocr.pixels import Matrix, Pixels, inverse, moved
from mailbox_ingest.documents.ocr.rules import SMALLEST, Net, cut_out, piece_at, rule_masks, rule_nets

_MARGIN = 24  # pixels kept around a table when it is cut out: more than half the widest closing, which would run into the edge
_SNAP = 9  # pixels within which pieces of line are the same rule
_REACH = 14  # a rule ends at another rule, within this many pixels; a stroke through a number does not
_UPRIGHT_SHARE, _LEVEL_SHARE = 0.6, 0.15  # of the table's height and width that a rule must be drawn along
_WALL = 0.5  # share of a cell's side that must be drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class GridCell:
    """One cell; the box is its inside, in pixels of the cut-out table."""

    row: int
    column: int
    row_span: int
    column_span: int
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table cut out of the page: `to_page` maps its pixels to the page's, `size` is (width, height), `rules` is 255 on lines."""

    to_page: Matrix
    size: tuple[int, int]
    rules: Pixels
    cells: tuple[GridCell, ...]
    rows: int
    columns: int
    box: tuple[int, int, int, int]  # left, top, right, bottom on the page


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    at: float  # the coordinate across the line
    start: int
    end: int


def find_grids(grey: Pixels) -> tuple[Grid, ...]:
    """The ruled tables of a level page, from top to bottom."""
    found = []
    for net in rule_nets(grey):
        both = np.asarray(cv2.dilate(cv2.bitwise_or(net.across, net.down), np.ones((7, 7), np.uint8)), dtype=np.uint8)
        blobs = blobs_of(both)
        for outline, (left, top, width, height) in zip(blobs.outlines, blobs.boxes.tolist(), strict=True):
            if width < SMALLEST[0] or height < SMALLEST[1]:
                continue
            mine = piece_at(both[top : top + height, left : left + width], outline.reshape(-1, 2)[0] - (left, top))
            grid = _grid(grey, net, mine, (left, top))
            if grid is not None:
                found.append(grid)
    return tuple(sorted(found, key=lambda grid: grid.box[1]))


def _grid(grey: Pixels, net: Net, mine: Pixels, origin: tuple[int, int]) -> Grid | None:
    """The grid behind one connected piece of a net: what `mine`, cut out of the net at `origin` (left, top), shows of its rules."""
    window = np.s_[origin[1] : origin[1] + mine.shape[0], origin[0] : origin[0] + mine.shape[1]]
    left, top = net.left + origin[0], net.top + origin[1]
    across, down = (np.asarray(cv2.bitwise_and(mask[window], mine), dtype=np.uint8) for mask in (net.across, net.down))
    points = cv2.findNonZero(cv2.bitwise_or(across, down))
    if points is None or len(points) < 400:
        return None
    xs, ys = np.asarray(points).reshape(-1, 2).T
    total, difference = xs + ys, xs - ys
    picks = [int(np.argmin(total)), int(np.argmax(difference)), int(np.argmax(total)), int(np.argmin(difference))]
    corners = np.array([[xs[pick] + left, ys[pick] + top] for pick in picks], dtype=np.float64)
    width = max(corners[1, 0] - corners[0, 0], corners[2, 0] - corners[3, 0])
    height = max(corners[3, 1] - corners[0, 1], corners[2, 1] - corners[1, 1])
    if width < 150 or height < 50:
        return None
    x0, y0 = np.round(corners[[0, 3], 0].mean()), np.round(corners[[0, 1], 1].mean())
    straight = np.array([[x0, y0], [x0 + width, y0], [x0 + width, y0 + height], [x0, y0 + height]])
    lean = float(np.abs(corners - straight).max())
    offset = np.array([_MARGIN, _MARGIN]) - straight[0]
    target = straight + offset
    source = corners if 3.0 < lean < 0.12 * max(width, height) else straight
    from_page = np.asarray(cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32)), dtype=np.float64)
    size = (round(width) + 2 * _MARGIN, round(height) + 2 * _MARGIN)
    if source is corners:
        # Thin rules may fade when they are resampled, and slanted ones break when they are not: both views together lose neither.
        from_mine = from_page @ moved(-left, -top)
        seen = [cv2.warpPerspective(mask, from_mine, size, flags=cv2.INTER_LINEAR) > 80 for mask in (across, down)]
        table = cv2.warpPerspective(grey, from_page, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        views = zip(seen, rule_masks(np.asarray(table, dtype=np.uint8)), strict=True)
        level, upright = (np.where(old, 255, new).astype(np.uint8) for old, new in views)
    else:  # pieces of rule that hang together with no other belong to the table too
        from_net = from_page @ moved(-net.left, -net.top)
        level, upright = (cut_out(mask, from_net, size, outside=0) for mask in (net.across, net.down))
    built = _lattice(level, upright)
    if built is None:
        return None
    cells, rows, columns, rules = built
    if len(cells) < 2:
        return None
    box = (int(corners[:, 0].min()), int(corners[:, 1].min()), int(corners[:, 0].max()) + 1, int(corners[:, 1].max()) + 1)
    return Grid(to_page=inverse(from_page), size=size, rules=rules, cells=cells, rows=rows, columns=columns, box=box)


def _lattice(across: Pixels, down: Pixels) -> tuple[tuple[GridCell, ...], int, int, Pixels] | None:
    level, upright = _pieces(across), _pieces(np.asarray(cv2.transpose(down), dtype=np.uint8))
    ys, xs = _positions(level), _positions(upright)
    level = [piece for piece in level if _near(piece.start, xs) and _near(piece.end, xs)]
    upright = [piece for piece in upright if _near(piece.start, ys) and _near(piece.end, ys)]
    ys, xs = _positions(level), _positions(upright)
    ys, xs = _lasting(ys, across, xs, _LEVEL_SHARE), _lasting(xs, down.T, ys, _UPRIGHT_SHARE)
    if len(ys) < 2 or len(xs) < 2:
        return None
    local_y = np.array([[_local(across, y, x0, x1) for x0, x1 in pairwise(xs)] for y in ys])
    local_x = np.array([[_local(down.T, x, y0, y1) for y0, y1 in pairwise(ys)] for x in xs])
    rows, columns = len(ys) - 1, len(xs) - 1
    group = _joined(across, down, local_y=local_y, local_x=local_x, ys=ys, xs=xs)
    cells = []
    for row, column, row_span, column_span in _rectangles(group):
        last_row, last_column = row + row_span, column + column_span
        cells.append(
            GridCell(
                row=row,
                column=column,
                row_span=row_span,
                column_span=column_span,
                left=int(local_x[column, row:last_row].max()) + 2,
                top=int(local_y[row, column:last_column].max()) + 2,
                right=int(local_x[last_column, row:last_row].min()) - 1,
                bottom=int(local_y[last_row, column:last_column].min()) - 1,
            )
        )
    rules = np.zeros_like(across)
    for index, y in enumerate(ys):
        _keep_band(rules, across, y, float(np.ptp(local_y[index])))
    for index, x in enumerate(xs):
        _keep_band(rules.T, down.T, x, float(np.ptp(local_x[index])))
    return tuple(cells), rows, columns, rules


def _pieces(mask: Pixels) -> list[_Piece]:
    """Level runs of a mask, forty pixels or longer."""
    blobs = blobs_of(mask)
    found = []
    for outline, (left, top, width, height) in zip(blobs.outlines, blobs.boxes.tolist(), strict=True):
        if width < 40 or height > max(14, 0.06 * width):
            continue
        alone = np.zeros((height, width), dtype=np.uint8)  # the box may hold parts of others
        cv2.drawContours(alone, [outline], -1, (1,), cv2.FILLED, offset=(-left, -top))
        drawn = cv2.reduce(cv2.bitwise_and(alone, mask[top : top + height, left : left + width]), 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
        weights = np.asarray(drawn).ravel().tolist()
        area = sum(weights)
        if area <= 14 * width:
            at = top + sum(row * weight for row, weight in enumerate(weights)) / area
            found.append(_Piece(at=at, start=left, end=left + width))
    return found


def _positions(pieces: list[_Piece]) -> list[float]:
    """Where rules lie: pieces within the snap distance are one, weighted by length."""
    clusters: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda item: item.at):
        if clusters and piece.at - clusters[-1][-1].at <= _SNAP:
            clusters[-1].append(piece)
        else:
            clusters.append([piece])
    positions = []
    for cluster in clusters:
        weights = [piece.end - piece.start for piece in cluster]
        positions.append(sum(piece.at * weight for piece, weight in zip(cluster, weights, strict=True)) / sum(weights))
    return positions


def _lasting(positions: list[float], mask: Pixels, others: list[float], share: float) -> list[float]:
    """The positions drawn along at least this share of the table, and the outer two: the arc of a stamp is a rule in one row only, and a
    column made of it would cut a number in two."""
    if len(others) < 2:
        return positions
    total = others[-1] - others[0]
    kept = []
    for index, at in enumerate(positions):
        drawn = sum(end - start for start, end in pairwise(others) if _drawn(mask, at, start, end))
        if index in {0, len(positions) - 1} or drawn >= share * total:
            kept.append(at)
    return kept


def _near(value: float, positions: list[float]) -> bool:
    return any(abs(value - position) <= _REACH for position in positions)


def _local(mask: Pixels, at: float, start: float, end: float) -> float:
    """Where a rule lies between two others: paper curls."""
    low = max(0, round(at) - _SNAP)
    band = mask[low : round(at) + _SNAP + 1, round(start) + 4 : max(round(start) + 5, round(end) - 3)]
    rows = np.nonzero(band)[0]
    return float(rows[(rows.size - 1) // 2] + rows[rows.size // 2]) / 2 + low if rows.size else at  # the median: they come in order


def _drawn(mask: Pixels, at: float, start: float, end: float) -> bool:
    low, inset = max(0, round(at) - _SNAP), max(3, round((end - start) * 0.08))
    band = mask[low : round(at) + _SNAP + 1, round(start) + inset : round(end) - inset + 1]
    return band.size == 0 or cv2.countNonZero(cv2.reduce(band, 0, cv2.REDUCE_MAX)) >= _WALL * band.shape[1]


def _joined(across: Pixels, down: Pixels, *, local_y: Matrix, local_x: Matrix, ys: list[float], xs: list[float]) -> npt.NDArray[np.int64]:
    """A number for every lattice field; fields without a wall between them share one."""
    rows, columns = len(ys) - 1, len(xs) - 1
    group = np.arange(rows * columns, dtype=np.int64).reshape(rows, columns)
    for row in range(rows):
        for column in range(columns):
            if column + 1 < columns and not _drawn(down.T, local_x[column + 1, row], ys[row], ys[row + 1]):
                group[group == group[row, column + 1]] = group[row, column]
            if row + 1 < rows and not _drawn(across, local_y[row + 1, column], xs[column], xs[column + 1]):
                group[group == group[row + 1, column]] = group[row, column]
    return group


def _rectangles(group: npt.NDArray[np.int64]) -> list[tuple[int, int, int, int]]:
    """(row, column, row span, column span), row-major; a joined area that is no rectangle falls back to single fields."""
    found = []
    for number in np.unique(group):
        rows, columns = np.nonzero(group == number)
        row_span, column_span = int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1
        if rows.size == row_span * column_span:
            found.append((int(rows.min()), int(columns.min()), row_span, column_span))
        else:
            found.extend((int(row), int(column), 1, 1) for row, column in zip(rows, columns, strict=True))
    return sorted(found)


def _keep_band(rules: Pixels, mask: Pixels, at: float, curl: float) -> None:
    reach = round(5 + curl)
    low = max(0, round(at) - reach)
    band = np.s_[low : round(at) + reach + 1, :]
    rules[band] |= mask[band]
