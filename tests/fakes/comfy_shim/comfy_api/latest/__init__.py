"""The types of ComfyUI 0.26's comfy_api.latest that the pack uses, as strict as the real ones about names."""

from . import io


class ComfyExtension:
    """What comfy_entrypoint gives back."""

    async def get_node_list(self):
        raise NotImplementedError


__all__ = ["ComfyExtension", "io"]
