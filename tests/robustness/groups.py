"""All kinds of broken and odd input, by group."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tests.robustness import command_cases, json_cases, media_cases
from tests.robustness.forked import Case

GROUPS: Mapping[str, Callable[[], Iterator[Case]]] = {
    make.__name__.replace("_", " "): make
    for make in (
        json_cases.graphs,
        json_cases.schemas,
        json_cases.manifests,
        json_cases.model_lists,
        media_cases.broken_audio,
        media_cases.broken_images,
        media_cases.broken_videos,
        media_cases.wav_headers,
        media_cases.samples,
        media_cases.container_numbers,
        media_cases.odd_images,
        command_cases.options,
        command_cases.prompts,
        command_cases.names,
        command_cases.contents,
        command_cases.shot_tables,
        command_cases.special_files,
        command_cases.shared_files,
        command_cases.surroundings,
        command_cases.full_outputs,
    )
}
