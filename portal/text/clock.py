"""The one place that asks what day it is; everything below takes the day as an argument."""

import datetime as dt

from django.utils import timezone


def today() -> dt.date:
    """The current day in Vietnam."""
    return timezone.localdate()
