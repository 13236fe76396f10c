"""A round with a secret in every field that is not everybody's, the people around it, and a crawler that reads all."""

import datetime as dt
import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pypdfium2
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from portal.accounts.enums import Role
from portal.files.services import store
from rounds.enums import AssignmentMode, Body, DocumentKind, SeatRole, SheetState
from rounds.models import (
    Assignment,
    AssignmentPlan,
    Complaint,
    Criterion,
    Declaration,
    DeclaredInterest,
    DossierDocument,
    Score,
    ScoreSheet,
)

from .. import factories as make
from ..extension import money_world
from .permission_world import World, routes

# Each stands in one field only. Letters that no template, no code and no other word contains.
SECRETS = {
    "facility name": "Xqzcoso",
    "facility address": "Xqzdiachi",
    "product name": "Xqzsanpham",
    "statement": "Xqzthuyetminh",
    "statement part": "Xqzthitruong",
    "paper title": "Xqztengiayto",
    "paper content": "Xqzruottep",
    "paper remark": "Xqzcansua",
    "support remark": "Xqztogiupviec",
    "sheet remark": "Xqznhanxet",
    "score note": "Xqzghichu",
    "conflict reason": "Xqzxungdot",
    "declaration": "Xqzcamket",
    "complaint": "Xqzkiennghi",
    "complainant": "Xqznguoigui",
    "letter": "Xqzthubandoc",
    "letter's sender": "Xqznguoiviet",
    "need": "Xqznhucau",
    "need's contact": "Xqzlienhe",
    "finding": "Xqztontai",
    "voucher": "Xqzchungtu",
    "estimate line": "Xqzdutoan",
}
POINTS = "13,37"
NUMBER = 97
POINTS_NAME = "points"
# What a facility took at a fair and did not let be told, as pages, books and programs write it.
REVENUE, REVENUE_NAME = 7_919_317_000, "fair revenue"
REVENUE_WORDS = ("7.919.317.000", "7919317000", "7900000000", "7,92 tỷ", "7,9 tỷ")
PAGES_PER_ROLE = 90
VARIANTS_PER_PATH = 5
NOT_FOLLOWED = re.compile(r"^/(static|media|en)/|/(dang-xuat|doi-mat-khau)/|/tai-khoan-mau/")
# What has nothing to do with rounds or with support is crawled by its links only.
ASKED_OUTRIGHT = re.compile(
    r"^(cham-diem|ho-so-cua-toi|co-so|ky-binh-chon|san-pham|anh|api|thong-bao|khuyen-cong"
    r"|quan-tri/(rounds|de-an|khuyen-cong|kiem-tra))"
)


class OneByDefault(dict[str, Any]):
    def __missing__(self, name: str) -> int:
        return 1


class LeakWorld(World):
    """The world of the permission matrix with one more dossier, which is everybody's secret."""

    def __init__(self) -> None:
        super().__init__()
        own = self.own
        round_ = own.round
        round_.assignment, round_.has_site_pass = AssignmentMode.ASSIGNED, True
        round_.scoring_until = timezone.now() + dt.timedelta(days=3)
        round_.save()
        self.open_dossier = own.dossier
        facility = make.FacilityFactory(
            name=f"Hợp tác xã {SECRETS['facility name']}",
            slug="co-so-kin",
            address_today=SECRETS["facility address"],
            territory=own.territory,
            commune=own.commune,
        )
        product = make.ProductFactory(name=f"Chè {SECRETS['product name']}", slug="san-pham-kin", facility=facility)
        self.dossier = make.DossierFactory(
            round=round_,
            product=product,
            entry_code="0997",
            statement=SECRETS["statement"],
            statement_market=SECRETS["statement part"],
            support_remark=SECRETS["support remark"],
        )
        paper = store(ContentFile(b"%PDF-1.7\n% " + SECRETS["paper content"].encode() + b"\n%%EOF\n", name="a.pdf"))
        own.dossier, own.facility, own.product = self.dossier, facility, product
        own.document = DossierDocument.objects.create(
            dossier=self.dossier,
            kind=DocumentKind.STATEMENT,
            title=SECRETS["paper title"],
            remark=SECRETS["paper remark"],
            file=paper,
        )
        own.letter.message, own.letter.name = SECRETS["letter"], SECRETS["letter's sender"]
        own.letter.save()
        self._support()
        self._sheets_and_people(round_, facility)

    def _support(self) -> None:
        """What the extension programme keeps of the producer's facility, on projects that everybody may read about."""
        own = self.own
        need = {"reason": SECRETS["need"], "contact": SECRETS["need's contact"]}
        for row, facts in (
            (own.need, need),
            (own.finding, {"text": SECRETS["finding"]}),
            (own.line, {"description": SECRETS["estimate line"]}),
            (own.participation, {"revenue": REVENUE, "contracts_value": REVENUE}),
        ):
            for name, value in facts.items():
                setattr(row, name, value)
            row.save()
        self.paid = money_world.world(own.territory, 2_000_000, name="Đề án đã chi", slug="de-an-da-chi")
        make.BeneficiaryFactory(project=self.paid.project, facility=own.participation.facility)
        self.paid.pay(self.paid.approved(1_000_000), document=SECRETS["voucher"])

    def _sheets_and_people(self, round_: Any, facility: Any) -> None:
        def judge(**seat: Any) -> Any:
            return make.SeatFactory(round=round_, **seat).user

        scorer = judge()
        clean = self.people["judge"]
        people = {
            "judge": clean,
            "conflicted judge": judge(),
            "unassigned judge": judge(),
            "undeclared judge": judge(declared=False),
            "removed judge": judge(until=dt.date(2026, 1, 1), until_reason="Thay người"),
            "conflicted support": judge(body=Body.SUPPORT, role=SeatRole.SUPPORT_LEAD),
            "conflicted member": judge(body=Body.COUNCIL, role=SeatRole.MEMBER),
            "other province": make.staff(Role.OFFICER, self.other.territory),
            "applicant": make.RepresentativeFactory(facility=facility).user,
        }
        self.people |= people
        plan = AssignmentPlan.objects.create(
            round=round_, number=NUMBER, method="by_hand", seed="x", made_by=scorer, made_at=timezone.now()
        )
        for person in (scorer, clean, people["undeclared judge"]):
            Assignment.objects.create(dossier=self.dossier, judge=person, plan=plan, assigned_at=timezone.now())
        for person in (people["unassigned judge"], people["conflicted judge"]):
            Assignment.objects.create(dossier=self.open_dossier, judge=person, plan=plan, assigned_at=timezone.now())
        self._sheet(round_, scorer)
        make.ConflictFactory(dossier=self.dossier, user=people["conflicted judge"], reason=SECRETS["conflict reason"])
        for name in ("conflicted support", "conflicted member"):
            make.ConflictFactory(dossier=self.dossier, user=people[name])
        Declaration.objects.filter(user=scorer).update(employer=SECRETS["declaration"])
        DeclaredInterest.objects.create(
            declaration=Declaration.objects.get(user=scorer), kind="owns", name=SECRETS["declaration"]
        )
        self.complaint = Complaint.objects.create(
            round=round_,
            number=NUMBER,
            dossier=self.dossier,
            about="result",
            channel="paper",
            complainant=SECRETS["complainant"],
            content=SECRETS["complaint"],
            received_at=timezone.now(),
            answer_due_on=dt.date(2027, 1, 1),
        )
        for name, person in people.items():
            client = Client()
            client.force_login(person)
            self.sessions[name] = client.cookies["sessionid"].value if "sessionid" in client.cookies else ""
            self.sessions[name] = self.sessions[name] or next(iter(client.cookies.values())).value

    def _sheet(self, round_: Any, scorer: Any) -> None:
        """What another judge wrote and has handed in."""
        sheet = ScoreSheet.objects.create(dossier=self.dossier, judge=scorer, remark=SECRETS["sheet remark"])
        criterion = Criterion.objects.filter(criteria_set__round=round_, parent__isnull=False).first()
        Score.objects.create(
            sheet=sheet,
            criterion=criterion,
            points=Decimal(POINTS.replace(",", ".")),
            note=SECRETS["score note"],
            saved_at=timezone.now(),
        )
        sheet.state, sheet.total, sheet.submitted_at = SheetState.SUBMITTED, Decimal("13.37"), timezone.now()
        sheet.save()
        self.sheet = sheet

    def _values(self, route: str, here: Any) -> dict[str, Any]:
        """The secret's own objects behind every address; what the matrix has no object for is tried with a one."""
        mine = {"complaint_pk": self.complaint.pk, "sheet_pk": self.sheet.pk, "number": NUMBER}
        return OneByDefault({**super()._values(route, here), **mine})

    def met(self, role: str, pages: int = PAGES_PER_ROLE) -> dict[str, str]:
        """Every secret that the role comes across, with the first address where it does."""
        client = Client(raise_request_exception=False)
        if self.sessions[role]:
            from django.conf import settings

            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[role]
        found: dict[str, str] = {}
        for address, response in crawl(client, self.starts(), pages):
            seen = text_of(response)
            for name, secret in {**SECRETS, POINTS_NAME: POINTS}.items():
                # What was asked for comes back in the box it was typed in; points are figures of any page.
                typed = secret in unquote(address)
                if name not in found and not typed and secret in seen and (name != POINTS_NAME or "0997" in seen):
                    found[name] = address
            if REVENUE_NAME not in found and says_revenue(seen):
                found[REVENUE_NAME] = address
        return found

    def starts(self) -> list[str]:
        """Every address of the round with the secret's own objects, the lists, and searches for the secrets."""
        outright = [self.address(route, "own") for route in routes() if ASKED_OUTRIGHT.match(route)]
        lists = ["/", "/cham-diem/", "/quan-tri/", "/viec-cua-xa/", "/co-so-cua-toi/", "/san-pham/", "/ky-binh-chon/"]
        asked = [SECRETS["facility name"], SECRETS["product name"], "0997"]
        doors = ["/san-pham/?q=", "/quan-tri/rounds/dossier/?q=", "/quan-tri/tim/?q=", "/api/v1/products/?q=",
                 "/api/v1/facilities/?search=", "/quan-tri/facilities/facility/?q=", "/tra-cuu/?ma="]  # fmt: skip
        sorts = [f"/quan-tri/rounds/dossier/?o={n}" for n in range(1, 4)]
        support = [f"/quan-tri/de-an/{self.paid.project.uuid}/tien/", "/quan-tri/khuyen-cong/so-kinh-phi/?xem=chi",
                   "/khuyen-cong/de-an-da-chi/", "/api/v1/extension/projects/de-an-da-chi/"]  # fmt: skip
        return [*lists, *support, *outright, *(door + words for door in doors for words in asked), *sorts]


def says_revenue(seen: str) -> bool:
    return any(words in seen for words in REVENUE_WORDS)


def tells_revenue(response: Any) -> bool:
    return says_revenue(text_of(response))


def crawl(client: Client, starts: list[str], pages: int) -> Iterator[tuple[str, Any]]:
    """Every start, then what they lead to, up to a number of pages more; few variants of one path."""
    queue, seen = list(dict.fromkeys(starts)), set(starts)
    variants: dict[str, int] = {}
    left = len(queue) + pages
    while queue and left:
        address = queue.pop(0)
        left -= 1
        response = client.get(address)
        yield address, response
        for link in links_of(response, address):
            path = urlsplit(link).path
            if link in seen or NOT_FOLLOWED.search(path) or variants.get(path, 0) >= VARIANTS_PER_PATH:
                continue
            variants[path] = variants.get(path, 0) + 1
            seen.add(link)
            queue.append(link)


def links_of(response: Any, address: str) -> list[str]:
    """Where a page leads inside the portal."""
    if 300 <= response.status_code < 400:
        found = [response.headers["Location"]]
    elif "html" in response.headers.get("Content-Type", "") and not response.streaming:
        found = re.findall(r'(?:href|src|data-url|formaction)="([^"#]+)', response.content.decode())
    else:
        found = []
    whole = [urljoin(address, html.unescape(link)) for link in found]
    return [link for link in whole if link.startswith("/")]


def text_of(response: Any) -> str:
    """All that a response says: headers and file names, pages, workbooks and documents opened, papers read."""
    data = b"".join(response.streaming_content) if response.streaming else response.content
    headers = unquote(" ".join(f"{name}: {value}" for name, value in response.headers.items()))
    kind = response.headers.get("Content-Type", "")
    return headers + " " + (_opened(data) if data[:2] == b"PK" else _read(data, kind))


def _opened(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return " ".join(html.unescape(parts.read(name).decode("utf-8", "ignore")) for name in parts.namelist())


def _read(data: bytes, kind: str) -> str:
    plain = data.decode("utf-8", "ignore")
    if "json" in kind:
        return json.dumps(json.loads(plain), ensure_ascii=False) if plain else ""
    if data[:4] == b"%PDF" and len(data) > 200:
        with closing(pypdfium2.PdfDocument(data)) as document:
            return plain + " ".join(page.get_textpage().get_text_range() for page in document)
    return html.unescape(plain)
