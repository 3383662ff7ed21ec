import io

import numpy as np
import pytest
from PIL import Image

from logger.schema.cells import cell_side
from logger.storage.sheets import make_tile, sheet

RNG = np.random.default_rng(3)


def opened(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_sheet_of_small_tiles_is_lossless(channels) -> None:
    tiles = [RNG.integers(0, 256, (32, 32, channels), dtype=np.uint8) for _ in range(7)]
    pixels = opened(sheet(tiles, 32, 4))
    assert pixels.shape[:2] == (64, 128)
    for place, tile in enumerate(tiles):
        y, x = place // 4 * 32, place % 4 * 32
        seen = pixels[y : y + 32, x : x + 32]
        assert (seen[..., :3] == tile[..., :3]).all() if channels < 4 else (seen == tile).all()


def test_colour_under_full_transparency_is_stored() -> None:
    tile = np.zeros((8, 8, 4), np.uint8)
    tile[..., 0] = 200
    assert (opened(sheet([tile], 8, 1))[..., 0] == 200).all()


def test_tiles_of_many_sizes_lie_at_the_top_left_of_their_cells() -> None:
    tiles = [np.full((h, w, 3), 255, np.uint8) for h, w in ((4, 8), (8, 2))]
    pixels = opened(sheet(tiles, 8, 2))
    assert pixels[:4, :8].min() == 255 and pixels[4:, :8].max() == 0
    assert pixels[:, 8:10].min() == 255 and pixels[:, 10:].max() == 0


@pytest.mark.parametrize(("largest", "cell"), [(8, 8), (28, 28), (64, 64), (65, 96), (224, 96), (4000, 96)])
def test_small_images_fill_their_cells_and_large_ones_are_reduced(largest, cell) -> None:
    assert cell_side(largest) == cell


def test_a_large_image_keeps_its_aspect_ratio_and_has_a_lossless_original() -> None:
    image = RNG.integers(0, 256, (150, 300, 3), dtype=np.uint8)
    tile = make_tile(image, 96)
    assert tile.pixels.shape == (48, 96, 3) and tile.extension == "webp"
    assert (opened(tile.original) == image).all()


def test_the_original_of_an_image_too_long_for_webp_is_a_png() -> None:
    tile = make_tile(np.zeros((1, 17_000, 3), np.uint8), 96)
    assert tile.extension == "png" and opened(tile.original).shape == (1, 17_000, 3)
    assert tile.pixels.shape == (1, 96, 3)


def test_a_small_image_among_large_ones_is_not_enlarged() -> None:
    tile = make_tile(np.zeros((10, 20, 1), np.uint8), 96)
    assert tile.pixels.shape == (10, 20, 1) and tile.original is not None
