"""The portal as it is run for people, with one page more: the bare one. Static files stand in a folder of the run."""

import os
from pathlib import Path

from portal import settings as portal_settings

globals().update({name: value for name, value in vars(portal_settings).items() if name.isupper()})

ROOT_URLCONF = "tests.bench.urls"
STATIC_ROOT = Path(os.environ["BENCH_STATIC"])
STORAGES = portal_settings.STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
}
