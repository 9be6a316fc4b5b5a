"""The fill against a published item-response fit, on the same held-out cells."""

import numpy as np
import pytest

from tests.bench import public_table

pytestmark = pytest.mark.skipif(
    not public_table.PATH.exists(), reason=f"no public table at {public_table.PATH}"
)


def test_it_misses_held_out_cells_by_at_most_nine_tenths_of_the_public_fit() -> None:
    table = public_table.read()
    ratios = [
        public_table.held_out_error(table, split) / public
        for split, public in enumerate(public_table.PUBLIC)
    ]
    assert np.mean(ratios) <= 0.90
