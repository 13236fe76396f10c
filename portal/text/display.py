"""How a reader asked the pages to look: larger words, higher contrast. Kept in a cookie that names nobody."""

from typing import Final, NamedTuple

from django.http import HttpRequest

COOKIE: Final = "hien-thi"
LARGE, LARGER, CONTRAST = "lon", "rat-lon", "tuong-phan"
SIZES: Final = ("", LARGE, LARGER)
AGE: Final = 365 * 24 * 3600
LONGEST_WAY_BACK: Final = 1500


class Display(NamedTuple):
    """`size` is one of SIZES, the plain one is empty."""

    size: str = ""
    contrast: bool = False

    @property
    def code(self) -> str:
        """What the cookie keeps: "", "lon", "rat-lon.tuong-phan"."""
        return ".".join(filter(None, (self.size, CONTRAST if self.contrast else "")))

    @property
    def classes(self) -> str:
        """Classes of the root element."""
        return " ".join(f"hien-thi-{word}" for word in self.code.split(".") if word)


def display(code: str) -> Display:
    """What a code asks for; whatever is not known in it asks for nothing."""
    words = code[:40].split(".")
    return Display(next((size for size in SIZES if size and size in words), ""), CONTRAST in words)


def chosen(request: HttpRequest) -> str:
    """The code of how this reader's pages look, always one of the six that exist."""
    return display(request.COOKIES.get(COOKIE, "")).code


def here(request: HttpRequest) -> str:
    """The address of the page that is shown, for links that carry it along; a query too long for that stays behind."""
    address = request.get_full_path()
    return address if len(address) <= LONGEST_WAY_BACK else address.partition("?")[0]
