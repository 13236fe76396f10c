"""The portal's own settings, made fast and strict for tests."""

import os

os.environ.setdefault("DJANGO_DEBUG", "1")
os.environ.setdefault("EMAIL_URL", "memorymail://")

from portal.settings import *

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["*"]
AXES_ENABLED = False
