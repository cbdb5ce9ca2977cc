"""Where ComfyUI keeps its files."""

from __future__ import annotations

from pathlib import Path

output = Path()


def get_output_directory() -> str:
    return str(output)


def get_save_image_path(prefix: str, folder: str, width: int = 0, height: int = 0):
    """Folder, name, counter, subfolder, prefix; nothing outside the output folder."""
    subfolder, _, name = prefix.rpartition("/")
    place = (Path(folder) / subfolder).resolve()
    if not place.is_relative_to(Path(folder).resolve()):
        raise Exception("Saving image outside the output folder is not allowed.")  # noqa: TRY002
    place.mkdir(parents=True, exist_ok=True)
    counter = 1 + len(list(place.glob(f"{name}_*")))
    return str(place), name, counter, subfolder, prefix
