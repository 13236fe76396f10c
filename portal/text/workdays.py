"""Working days in Vietnam: no Saturdays, Sundays and public holidays, swapped days counted as the State set them."""

import datetime as dt
from functools import lru_cache

import holidays


@lru_cache(maxsize=1)
def _calendar() -> holidays.HolidayBase:
    # Years are filled in as they are asked for.
    return holidays.country_holidays("VN")


@lru_cache(maxsize=8192)
def is_working_day(day: dt.date) -> bool:
    return bool(_calendar().is_working_day(day))


def next_working_day(day: dt.date) -> dt.date:
    """The first working day after `day`."""
    day += dt.timedelta(days=1)
    while not is_working_day(day):
        day += dt.timedelta(days=1)
    return day


def last_working_day(day: dt.date) -> dt.date:
    """The day itself when it is a working day, else the last one before it."""
    while not is_working_day(day):
        day -= dt.timedelta(days=1)
    return day


def before_working_days(day: dt.date, count: int) -> dt.date:
    """The working day from which `count` working days remain up to and including `day`."""
    found = last_working_day(day)
    for _each in range(count):
        found = last_working_day(found - dt.timedelta(days=1))
    return found


def working_days_until(day: dt.date, *, on: dt.date) -> int:
    """Working days after `on` up to and including `day`; negative when `day` has passed."""
    if day < on:
        return -working_days_until(on, on=day)
    return sum(is_working_day(on + dt.timedelta(days=n)) for n in range(1, (day - on).days + 1))


def after_working_days(day: dt.date, count: int) -> dt.date:
    """The last day of a term of `count` working days that runs from the day after `day`."""
    for _each in range(count):
        day = next_working_day(day)
    return day
