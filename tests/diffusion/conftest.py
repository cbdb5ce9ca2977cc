"""Properties are tested without a time limit: a busy machine is no defect."""

from hypothesis import settings

settings.register_profile("diffusion", deadline=None)
settings.load_profile("diffusion")
