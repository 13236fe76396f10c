"""The grounds of a set, as the law letters them (TT 26/2014/TT-BCT, Điều 6)."""

from .enums import SetBasis

LETTERS = {SetBasis.MATERIALS: "a", SetBasis.DESIGNS: "b", SetBasis.FITTING: "c"}


def basis_words(basis: str) -> str:
    """ "a) Cùng kiểu dáng, công dụng, khác chất liệu"; nothing where no ground is written."""
    if basis not in SetBasis.values:
        return ""
    found = SetBasis(basis)
    return f"{LETTERS[found]}) {found.label}"


def basis_choices() -> list[tuple[str, str]]:
    return [(basis.value, basis_words(basis)) for basis in SetBasis]
