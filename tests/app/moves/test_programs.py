"""The programs of the page Move make the pictures that it shows."""

import numpy as np
import pytest
from moves_helpers import Mover

import ibinn_core as ib
from app.images.pictures import own, sample
from app.models import registry
from app.move_text import Moves
from app.moves import rows
from app.moves.export import program_of, program_of_rows

TARGET = 3


@pytest.fixture(scope="module")
def mover():
    return Mover(registry.by_id("mnist-gamma-1"))


def picture(number: int):
    return own(sample(number, ib.data.DATASETS["mnist"]).pixels)


@pytest.mark.parametrize(
    "moves", [Moves(TARGET, 0.5, (0.4, -0.2), {"ink": 1.0}), Moves(shift=(1.0, 0.0)), Moves(styles={"slant": -2.0}),
     Moves(graft=(1.0, 0.0)), Moves(graft=(0.25, 0.5))]
)  # fmt: skip
def test_the_program_makes_the_same_picture(mover, moves):
    names: dict = {}
    exec(program_of(mover.checkpoint, picture(11), moves, picture(7)), names)
    wanted = mover.decode(mover.after(picture(11).pixels, moves, picture(7).pixels))
    assert np.abs(names["picture"].astype(int) - wanted.astype(int)).max() <= 1


def test_the_program_makes_a_row_for_each_gamma(mover):
    models, image = rows.models_for(mover.checkpoint)[1:3], picture(11)
    names: dict = {}
    exec(program_of_rows(models, image, TARGET), names)
    wanted = []
    for each in map(Mover, models):
        z = each.encode(image.pixels)
        way = each.way(z, TARGET) * each.flip(z, TARGET)
        wanted.append(np.concatenate([each.decode(z + share * way) for share in np.linspace(0, 2, 9)], axis=1))
    differ = np.abs(names["rows"].astype(int) - np.concatenate(wanted).astype(int))
    assert (differ <= 1).mean() > 0.999
