"""The benchmark's random checkpoint has the published names, and its tensors find their places."""

from __future__ import annotations

import torch
from benchmarks.ltx_weights import FEW, PARTS, configurations, numbers, shapes
from tests.ltx.original_models import original_model

from lipwright.engines.ltx.loading.single_file import CLASSES, empty
from lipwright.engines.ltx.loading.state_dict_map import sort_keys


def test_random_weights_have_the_published_names() -> None:
    names = dict(shapes(FEW))
    parts, strangers = sort_keys(names)
    assert strangers == []
    for part in PARTS:
        wanted = {
            name: tuple(t.shape)
            for name, t in empty(CLASSES[part], configurations(FEW)[part]).state_dict().items()
        }
        assert {new: names[old] for new, old in parts[part].items()} == wanted
    # Names that ltx-core's own classes give, of the layers that both have.
    shared = [
        name for name in original_model().tensors() if not name.startswith(("vocoder.", "vae.", "audio_vae."))
    ]
    assert len(shared) > 100 and set(shared) - set(names) <= {
        n for n in shared if "_connector.transformer_1d_blocks.1" in n
    }


def test_random_weights_preserve_signal_strength() -> None:
    weight = numbers("a.weight", (256, 1024), torch.device("cpu"))
    assert weight.dtype == torch.bfloat16
    out = torch.nn.functional.linear(torch.randn(64, 1024), weight.float())
    assert 0.9 < float(out.std()) < 1.1
