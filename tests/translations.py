"""The translation catalogues: collected by `make messages`, checked by `make lint`.

The interface is written in Vietnamese. `portal/locale/en` holds the English of what the public sees;
officers' and judges' pages are Vietnamese only. `portal/locale/vi` holds what Django says in English, or in
poorer Vietnamese, on pages people reach; it is written by hand.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "portal" / "locale"
ENGLISH = LOCALE / "en" / "LC_MESSAGES" / "django.po"
VIETNAMESE = LOCALE / "vi" / "LC_MESSAGES" / "django.po"
SOURCES = ("extension", "facilities", "portal", "products", "rounds", "templates")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")

# Files whose wording only officers, judges or the people who run the portal read. All else is public.
STAFF_ONLY = (
    # pages
    "templates/admin/*",
    "templates/simple_history/*",
    "templates/_copy_text.html",
    "templates/_draft.html",
    "templates/_form_errors.html",
    "templates/judge_base.html",
    "templates/accounts/password.html",
    "templates/accounts/second_factor*",
    "templates/applicant/*",
    "templates/facilities/*",
    "products/own_product.py",
    "products/trade_forms.py",
    "products/services/trade.py",
    "templates/inquiries/inbox.html",
    "templates/inquiries/own_letter.html",
    "templates/extension/admin_*",
    "templates/extension/_call_open.html",
    "templates/extension/_need_*",
    "templates/extension/commune_*",
    "templates/extension/own_*",
    "templates/extension/_own_*",
    "templates/rounds/judge_*",
    "templates/commune/*",
    "templates/notices/*",
    "templates/products/_standing_levels.html",
    "templates/rounds/_change.html",
    "templates/rounds/_comparison.html",
    "templates/rounds/_judge_*",
    "templates/rounds/_score_*",
    "templates/rounds/_outbox.html",
    "portal/territory/templates/*",
    # what stands behind those pages in every app
    "*/admin.py",
    "*/admin_base.py",
    "*/admin_forms.py",
    "*/staff_pages.py",
    "*/slug_forms.py",
    "*/apps.py",
    "*/imports.py",
    "*/imports/*",
    "*/management/*",
    "*/models.py",
    "*/models/*",
    "*/rules.py",
    "*/services.py",
    "*/services/*",
    "extension/approval.py",
    "extension/held.py",
    "extension/money/[!w]*.py",
    "extension/services/payments.py",
    "extension/services/settling.py",
    "extension/forms.py",
    "extension/markets/fair_admin.py",
    "extension/markets/fair_desk.py",
    "extension/markets/fair_forms.py",
    "extension/markets/fair_norms.py",
    "extension/markets/fair_queries.py",
    "extension/markets/fair_rules.py",
    "extension/markets/fair_triggers.py",
    "extension/markets/outlet_desk.py",
    "extension/markets/own_fairs.py",
    "extension/estimates/desk.py",
    "extension/estimates/forms.py",
    "extension/estimates/guards.py",
    "extension/estimates/checking.py",
    "extension/needs/desk.py",
    "extension/needs/forms.py",
    "extension/needs/notices.py",
    "extension/needs/views.py",
    "extension/norms/triggers.py",
    "extension/file/accept_desk.py",
    "extension/steps/adjust_desk.py",
    "extension/results/amounts.py",
    "extension/steps/authority.py",
    "extension/watch/checklist_desk.py",
    "extension/watch/checklist_page.py",
    "extension/watch/checklist_words.py",
    "extension/watch/inspection_plan_desk.py",
    "extension/watch/monthly.py",
    "extension/own_rules_admin.py",
    "extension/reports/periods.py",
    "extension/plans/desk.py",
    "extension/project_desk.py",
    "extension/steps/due.py",
    "extension/steps/desk.py",
    "extension/steps/forms.py",
    "extension/steps/workflows.py",
    "extension/watch/risk.py",
    "extension/watch/asked.py",
    "extension/watch/desk.py",
    "extension/watch/forms.py",
    "extension/watch/queries.py",
    "extension/watch/views.py",
    "extension/services/findings.py",
    "extension/services/inspecting.py",
    "extension/services/progress.py",
    "extension/results/effect_desk.py",
    "extension/file/evidence.py",
    "extension/file/desk.py",
    "extension/file/queries.py",
    "extension/results/forms.py",
    "extension/results/queries.py",
    "extension/results/rows.py",
    "extension/results/views.py",
    "extension/results/desk.py",
    "templates/extension/_result_*",
    "templates/extension/own_results.html",
    "portal/pages/extension_papers/*",
    "portal/pages/open_data/checking.py",
    "portal/pages/open_data/loading/*",
    "extension/steps/printable.py",
    "portal/pages/extension_report*.py",
    "facilities/contacts.py",
    "facilities/forms.py",
    "facilities/limits.py",
    "facilities/re[gp]*.py",
    "facilities/views.py",
    "facilities/queries.py",
    "facilities/taxcode.py",
    "portal/audit/*",
    "portal/files/*",
    "portal/notices/*",
    "portal/accounts/exports.py",
    "portal/pages/calendar*.py",
    "portal/pages/campaign*.py",
    "portal/pages/demo/*",
    "portal/pages/department_*.py",
    "portal/pages/desk*.py",
    "portal/pages/figures.py",
    "portal/pages/quality/*",
    "portal/pages/templatetags/desk.py",
    "portal/pages/todo/*",
    "portal/pages/yearly_report*.py",
    "portal/territory/communes.py",
    "*/notices.py",
    "portal/territory/forms.py",
    "portal/territory/queries.py",
    "portal/text/cells.py",
    "portal/text/tables.py",
    "portal/text/workbooks.py",
    "facilities/exports.py",
    "facilities/journal.py",
    "facilities/merging.py",
    "products/*_admin.py",
    "products/*_desk.py",
    "products/*_forms.py",
    "products/certificate_views.py",
    "products/completeness.py",
    "products/exports.py",
    "products/forms.py",
    "products/giving_back.py",
    "products/inquiry_inbox.py",
    "products/kit*.py",
    "products/numbering.py",
    "products/packaging.py",
    "products/reminder*.py",
    "products/report_reminders.py",
    "rounds/*.py",
    "rounds/official/*",
)
# What public pages take from there all the same: whole files, and single messages.
PUBLIC_FILES = (
    "templates/notices/_letter_base.html",
    "templates/notices/letter.html",
    "templates/notices/letter.txt",
    "rounds/api.py",
    "rounds/enums.py",
    "rounds/models/naming.py",
    "rounds/views.py",
    "rounds/words_of_rules.py",
)
PUBLIC_MESSAGES = (
    "%(time)s ngày %(day)s",
    "OCOP %(stars)s sao",
    # headings of the list of a day as a table
    "Lần thứ",
    "Số quyết định",
    "Số giấy chứng nhận",
    "Có hiệu lực đến hết",
    # a province that was merged
    "%(name)s (đến %(year)s)",
    # how a published figure stands to the count
    "chưa nhập danh sách",
    "nguồn ghi bằng chữ",
    "khớp",
    "lệch %(number)s",
    # which text decides how much support there is
    "Theo %(basis)s của %(place)s, áp dụng từ %(day)s.",
    "Theo %(basis)s, áp dụng cả nước từ %(day)s.",
    "Cổng chưa có tỷ lệ của văn bản này nên tạm tính theo tỷ lệ cả nước của %(basis)s.",
    # how a published figure writes its place, its period and its amount
    "%(name)s (cũ)",
    "%(when)s (lần %(ordinal)s)",
    "%(when)s (mục tiêu)",
    "đến %(when)s",
    "%(n)s tháng %(when)s",
    "%(when)s đợt %(n)s",
    "%(sum)s sản phẩm",
    "%(sum)s cơ sở",
    "%(sum)s đề án",
    "%(sum)s lượt",
    "%(sum)s gian hàng",
    "%(sum)s sự kiện",
    "%(sum)s kỳ",
    "%(sum)s đợt",
)


@dataclass(frozen=True)
class Entry:
    """One message of a .po file with all its forms, as written there."""

    flags: str
    context: str
    forms: tuple[str, ...]
    translations: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str]:
        return self.context, self.forms[0]


def blocks(text: str) -> list[str]:
    """A .po file as its blocks: the header, then one for each message."""
    return [block.strip("\n") for block in re.split(r"\n\n+", text) if block.strip()]


def entry(block: str) -> Entry:
    fields: dict[str, str] = {}
    for name, value in re.findall(
        r'^(msgctxt|msgid(?:_plural)?|msgstr(?:\[\d\])?) ((?:".*"(?:\n|$))+)', block, re.MULTILINE
    ):
        fields[name] = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', value))
    return Entry(
        flags=" ".join(re.findall(r"^#, (.*)$", block, re.MULTILINE)),
        context=fields.get("msgctxt", ""),
        forms=tuple(value for name, value in fields.items() if name.startswith("msgid")),
        translations=tuple(value for name, value in fields.items() if name.startswith("msgstr")),
    )


def entries(text: str) -> list[Entry]:
    """Every message of a .po file; the header and obsolete ones left out."""
    found = [entry(block) for block in blocks(text)[1:] if not block.startswith("#~")]
    return [one for one in found if one.forms and one.forms[0]]


# --- collecting ---------------------------------------------------------------------------------------------


def collected() -> str:
    """The public messages of the sources as a template (.pot), in order of the files. Works on a copy."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for source in SOURCES:
            shutil.copytree(
                ROOT / source, copy / source, ignore=shutil.ignore_patterns("locale", "migrations", "__pycache__")
            )
        (copy / "locale").mkdir()
        command = [
            "makemessages",
            "--locale",
            "en",
            "--keep-pot",
            "--no-wrap",
            "--add-location",
            "file",
            "--verbosity",
            "0",
        ]
        subprocess.run([sys.executable, "-m", "django", *command], cwd=copy, check=True)
        header, *messages = blocks((copy / "locale" / "django.pot").read_text())
    return "\n\n".join([_lasting(header), *(_bare(block) for block in messages if is_public(block))]) + "\n"


def is_public(block: str) -> bool:
    """Whether any of the files that say it is public."""
    if entry(block).forms[0] in PUBLIC_MESSAGES:
        return True
    files = " ".join(re.findall(r"^#: (.*)$", block, re.MULTILINE)).split()
    return any(file in PUBLIC_FILES or not _staff_only(file) for file in files)


def _staff_only(file: str) -> bool:
    return any(fnmatch(file, pattern) for pattern in STAFF_ONLY)


def _lasting(header: str) -> str:
    """The header without what changes at every run."""
    return "\n".join(line for line in header.splitlines() if not line.startswith('"POT-Creation-Date'))


def _bare(block: str) -> str:
    return "\n".join(line for line in block.splitlines() if not line.startswith("#:"))


def update() -> None:
    """Bring the English catalogue up to the sources, drop what is no longer said, compile every catalogue."""
    with tempfile.NamedTemporaryFile("w", suffix=".pot") as template:
        template.write(collected())
        template.flush()
        merge = ["msgmerge", "--quiet", "--no-fuzzy-matching", "--no-wrap", "--update", "--backup=none"]
        subprocess.run([*merge, str(ENGLISH), template.name], check=True)
    subprocess.run(["msgattrib", "--no-obsolete", "--no-wrap", "--output-file", str(ENGLISH), str(ENGLISH)], check=True)
    for po in catalogues():
        po.with_suffix(".mo").write_bytes(compiled(po))


def compiled(po: Path) -> bytes:
    with tempfile.NamedTemporaryFile() as binary:
        subprocess.run(
            ["msgfmt", "--check-format", "--check-domain", "--output-file", binary.name, str(po)], check=True
        )
        return Path(binary.name).read_bytes()


# --- checking -----------------------------------------------------------------------------------------------


def catalogues() -> list[Path]:
    return sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))


def problems(po: Path) -> Iterator[str]:
    for one in entries(po.read_text()):
        if "fuzzy" in one.flags:
            yield f"fuzzy: {one.forms[0]}"
        elif not all(one.translations):
            yield f"untranslated: {one.forms[0]}"
        else:
            yield from _unlike(one)
    if compiled(po) != po.with_suffix(".mo").read_bytes():
        yield "the compiled .mo differs from the .po: run make messages"


def _unlike(one: Entry) -> Iterator[str]:
    """Placeholders that a translation lost or made up. The form for one may say the number in words."""
    wanted = set(PLACEHOLDER.findall(one.forms[-1]))
    for number, translation in enumerate(one.translations):
        found = set(PLACEHOLDER.findall(translation))
        in_words = len(one.translations) > 1 and number == 0
        if found - wanted or (wanted - found and not in_words):
            yield f"placeholders differ: {one.forms[0]}"


def missing() -> list[str]:
    """What public files say and the English catalogue does not hold, and the other way round."""
    said = {one.key for one in entries(collected())}
    held = {one.key for one in entries(ENGLISH.read_text())}
    return [f"not in the catalogue: {text}" for _context, text in sorted(said - held)] + [
        f"no longer said: {text}" for _context, text in sorted(held - said)
    ]


def strangers() -> list[str]:
    """What the Vietnamese catalogue holds and the framework no longer says in English."""
    sources = Path(django.__file__).parent.glob("**/locale/en/LC_MESSAGES/django.po")
    said = {one.key for source in sources for one in entries(source.read_text())}
    return [f"not said by Django: {one.forms[0]}" for one in entries(VIETNAMESE.read_text()) if one.key not in said]


def main(*arguments: str) -> int:
    if arguments == ("update",):
        update()
    lines = [f"{po.parent.parent.name}: {problem}" for po in catalogues() for problem in problems(po)]
    lines += [f"en: {problem}" for problem in missing()] + [f"vi: {problem}" for problem in strangers()]
    print("\n".join(lines) or f"{len(catalogues())} catalogues complete.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
