"""Whether what a product says of where it is sold means an outlet of the programme. Pure."""

from urllib.parse import urlsplit

from portal.text.folding import fold


def host(url: str) -> str:
    """The site of an address without "www.": "https://www.voso.vn/che" is "voso.vn". Empty where there is none."""
    try:
        found = (urlsplit(url.strip()).hostname or "").lower()
    except ValueError:
        return ""
    return found.removeprefix("www.")


def same_place(name: str, outlet: str) -> bool:
    """Whether one name holds the other, word by word: "Siêu thị AEON Hà Đông" means "AEON"; "Cát Lợi" not "Lợi Cát"."""
    mine, other = fold(name).split(), fold(outlet).split()
    if not mine or not other:
        return False
    short, long = sorted((mine, other), key=len)
    return any(long[start : start + len(short)] == short for start in range(len(long) - len(short) + 1))


def same_site(url: str, outlet: str) -> bool:
    """Whether two addresses lie on one site, a shop's own part ("tancuong.voso.vn") included."""
    mine, other = host(url), host(outlet)
    return bool(mine and other) and (mine == other or mine.endswith(f".{other}"))
