"""The texts of an offset name its direction."""

import pytest

from lipwright.domain.sync_verdict import offset_label, offset_text


@pytest.mark.parametrize(
    ("offset_ms", "text", "label"),
    [
        (79.6, "the audio comes 80 ms after the lips", "audio 80 ms late"),
        (-20.0, "the audio comes 20 ms before the lips", "audio 20 ms early"),
        (0.4, "the audio is in sync with the lips", "audio on time"),
        (-0.4, "the audio is in sync with the lips", "audio on time"),
    ],
)
def test_an_offset_names_its_direction(offset_ms, text, label):
    assert (offset_text(offset_ms), offset_label(offset_ms)) == (text, label)
