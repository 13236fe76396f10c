"""Properties are about truth, not about how busy the machine is."""

from hypothesis import settings

settings.register_profile("portal", deadline=None)
settings.load_profile("portal")
