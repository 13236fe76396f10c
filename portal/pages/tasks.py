from celery import shared_task

from . import ahead
from .open_data import making


@shared_task(name="portal.pages.tasks.make_open_data")
def make_open_data() -> dict[str, int]:
    """What beat runs after midnight, when what a household lost has left public view."""
    edition = making.make_today()
    return {file.name: file.rows for file in edition.files if file.rows is not None}


@shared_task(name="portal.pages.tasks.draw_pages")
def draw_pages(slugs: list[str]) -> int:
    """The pages of products that changed, before anybody asks for them; returns how many."""
    return ahead.draw_pages(slugs)


@shared_task(name="portal.pages.tasks.draw_photos")
def draw_photos(slugs: list[str]) -> int:
    """The smaller copies of photos that were made public; returns how many were drawn."""
    return ahead.draw_photos(slugs)
