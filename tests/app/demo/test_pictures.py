"""Pictures of goods."""

from io import BytesIO

import pytest
from PIL import Image

from app.demo.face_catalogue import load_products
from app.demo.inserts import load_inserts
from app.demo.pictures import PAINTERS, SIZE, draw_picture


def test_every_shape_of_the_catalogue_can_be_drawn() -> None:
    assert {p.shape for p in load_products()} | {i.shape for i in load_inserts("face")} <= PAINTERS.keys()


@pytest.mark.parametrize("shape", sorted(PAINTERS))
def test_a_picture_is_the_same_each_time(shape: str) -> None:
    picture = draw_picture(shape, "#5b7f4a")
    assert picture == draw_picture(shape, "#5b7f4a")
    assert Image.open(BytesIO(picture)).size == (SIZE, SIZE)
