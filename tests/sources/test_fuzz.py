"""Whatever stands in a file: rows, each booked once, or one sentence. `fuzz.py` runs for longer."""

import pytest
from hostile.invariants import FILES, check
from hostile.mutations import files
from hypothesis import HealthCheck, given, settings

short = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # of a draw that was given up
@pytest.mark.parametrize("reader", FILES)
def test_a_reader_ends_in_rows_or_a_sentence(tmp_path, reader):
    @short
    @given(data=files(reader))
    def run(data: bytes) -> None:
        check(reader, data, tmp_path)

    run()
