"""The portal's own settings for filling a throw-away database: tables straight from the models."""

from portal.settings import *  # noqa: F403
from portal.settings import INSTALLED_APPS

MIGRATION_MODULES = dict.fromkeys(name.rpartition(".")[2] for name in INSTALLED_APPS)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
