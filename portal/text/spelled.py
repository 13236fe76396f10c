"""Sums of money spelled out, as contracts and vouchers write them beside the figures. Vietnamese only."""

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS = ((1_000_000, "triệu"), (1_000, "nghìn"), (1, ""))
_BILLION = 1_000_000_000
_TEN, _HUNDRED = 10, 100


def dong(sum_: int) -> str:
    """1075000000 is "Một tỷ không trăm bảy mươi lăm triệu đồng". Raises ValueError for a negative sum."""
    if sum_ < 0:
        raise ValueError("A negative sum has no words.")
    words = _whole(sum_, inside=False) if sum_ else _DIGITS[0]
    return f"{words[0].upper()}{words[1:]} đồng"


def _whole(value: int, *, inside: bool) -> str:
    """Billions are counted themselves: "mười hai nghìn tỷ". `inside`: something larger was said before."""
    billions, rest = divmod(value, _BILLION)
    said = [f"{_whole(billions, inside=inside)} tỷ"] if billions else []
    for size, name in _GROUPS:
        group, rest = divmod(rest, size)
        if group:
            said.append(f"{_hundreds(group, inside=inside or bool(said))} {name}".strip())
    return " ".join(said)


def _hundreds(value: int, *, inside: bool) -> str:
    """Below a thousand; the hundreds are said, even none, where something larger was."""
    hundreds, rest = divmod(value, _HUNDRED)
    said = [f"{_DIGITS[hundreds]} trăm"] if hundreds or inside else []
    if rest:
        said.append(_tens(rest, inside=bool(said)))
    return " ".join(said)


def _tens(value: int, *, inside: bool) -> str:
    tens, ones = divmod(value, _TEN)
    if tens == 0:
        return f"linh {_DIGITS[ones]}" if inside else _DIGITS[ones]
    said = "mười" if tens == 1 else f"{_DIGITS[tens]} mươi"
    return f"{said} {_one(ones, after=tens)}" if ones else said


def _one(ones: int, *, after: int) -> str:
    """The last digit changes its sound after tens: hai mươi mốt, hai mươi tư, mười lăm."""
    changed = {1: "mốt", 4: "tư"} if after > 1 else {}
    return (changed | {5: "lăm"}).get(ones, _DIGITS[ones])
