"""Two provinces with one of everything, and one person per role: what the permission matrix walks through."""

import copy
import datetime as dt
import html
import re
from hashlib import sha256
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import HttpRequest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import LocalePrefixPattern
from django.utils import timezone

from extension.models import (
    AdvanceRule,
    AuthorityRule,
    Call,
    ChecklistItem,
    DueRule,
    Estimate,
    EstimateLine,
    EvidenceRule,
    Finding,
    Inspection,
    Liquidation,
    Need,
    NormItem,
    Payment,
    Plan,
    PriorityRule,
    ProgressReport,
    ResultIndicator,
    Settlement,
    StepDone,
    SupportNorm,
    Workflow,
    WorkflowStep,
)
from facilities.merging import merge_facilities
from facilities.models import ReportingRule
from facilities.representing import speaks_for_any
from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.audit.services import record
from portal.files.services import store
from portal.imports.enums import BatchState
from portal.imports.models import ImportBatch
from portal.notices.letters import token_of
from portal.notices.models import AddressFault, CalendarFeed, Errand, Notice, ReminderRule
from portal.pages.entrance import seats_of
from products import extract
from products.codes import generate
from products.enums import InquiryKind, InquiryState, Level, PaperKind, SignatureState
from products.models import (
    CertificateBook,
    CertificatePaper,
    Inquiry,
    ProductPhoto,
    PublishedFigure,
    SuccessorAuthority,
    TrustRoot,
    ValidityRule,
    WithdrawalRequest,
)
from rounds.enums import Body, DocumentKind, PackageKind, PeerRole, PlanMethod, RoundState, SeatRole, SheetState
from rounds.exchange.keys import key_of, make_seed
from rounds.models import (
    AssignmentPlan,
    CouncilRule,
    CouncilSession,
    DossierDocument,
    EligibilityRule,
    ExchangePackage,
    NominationList,
    Peer,
    Sample,
)

from .. import factories as make

ROLES = (
    "anonymous",
    "officer",
    "leader",
    "extension officer",
    "commune officer",
    "council secretary",
    "support member",
    "judge",
    "head judge",
    "regional agency",
    "national agency",
    "administrator",
    "producer",
)
# The same for public and judges' pages and the API.
PUBLIC = {
    "anh": "photo",
    "cham-diem": "dossier",
    "co-so": "facility",
    "extension": "project",
    "facilities": "facility",
    "khuyen-cong": "project",
    "ky-binh-chon": "round",
    "products": "product",
    "recognitions": "recognition",
    "rounds": "round",
    "san-pham": "product",
    "ho-so-cua-toi": "dossier",
    "thong-bao": "notice",
    "lich": "territory",
    "ban-do": "territory",
    "viec-cua-xa": "commune",
    "co-so-cua-toi": "letter",
    "thu": "letter",
}
# Where the first words of an address do not tell: its whole beginning.
DEEPER = {
    "api/v1/extension/fairs": "fair",
    "khuyen-cong/hoi-cho": "fair",
    "co-so-cua-toi/khuyen-cong/hoi-cho": "participation",
    "quan-tri/khuyen-cong/hoi-cho": "fair",
    "quan-tri/de-an": "project",
    "quan-tri/kiem-tra": "inspection",
    "co-so-cua-toi/khuyen-cong/<uuid:uuid>": "project",
    "quan-tri/extension/fair/": "fair",
    "quan-tri/extension/outlet/": "outlet",
    "quan-tri/extension/call/": "call",
    "co-so-cua-toi/khuyen-cong/nhu-cau": "need",
    "quan-tri/khuyen-cong/nhu-cau": "need",
    "quan-tri/khuyen-cong/ke-hoach/<uuid:uuid>": "plan",
}
# What a request must carry to get as far as the question who may.
QUERIES = {
    "quan-tri/autocomplete/": "?app_label=products&model_name=recognition&field_name=product&term=",
    "quan-tri/khuyen-cong/nhu-cau/lap-de-an/": "?nhu-cau=<need>",
}
BODIES = {
    "cham-diem/<uuid:uuid>/luu/": {"revision": 0, "values": {}},
    "cham-diem/<uuid:uuid>/tai-cho/luu/": {"revision": 0, "values": {}},
    "quan-tri/kiem-tra/<uuid:uuid>/luu/": {"revision": 0, "values": {}},
}
PDF = b"%PDF-1.7\n%%EOF\n"
# Pages of one object: the model behind the address, by the part of the address before the object.
DESK = {
    "accounts/user": "user",
    "accounts/grant": "grant",
    "accounts/organisation": "organisation",
    "audit/auditentry": "entry",
    "extension/programme": "programme",
    "extension/checklistitem": "question",
    "extension/evidencerule": "evidence_rule",
    "extension/resultindicator": "indicator",
    "extension/project": "project",
    "extension/plan": "plan",
    "extension/workflow": "workflow",
    "extension/duerule": "due_rule",
    "extension/authorityrule": "authority_rule",
    "extension/advancerule": "advance_rule",
    "extension/supportnorm": "norm",
    "extension/normitem": "norm_item",
    "extension/priorityrule": "priority",
    "facilities/facility": "facility",
    "facilities/reportingrule": "reporting_rule",
    "facilities/representative": "representative",
    "imports/importbatch": "batch",
    "notices/notice": "notice",
    "notices/addressfault": "fault",
    "notices/errand": "errand",
    "notices/reminderrule": "reminder_rule",
    "bao-cao-so/<int:year>": "territory",
    "chat-luong/gop": "merging",
    "thu-ban-doc/<uuid:uuid>": "letter",
    "de-cu/<int:pk>": "nominations",
    "trao-doi/<int:pk>": "package",
    "trao-doi/cong": "peer",
    "dang-ky-lai/<int:pk>": "recognition",
    "chat-luong/san-pham": "product",
    "products/cap-giay": "decision",
    "products/certificate": "certificate",
    "products/certificatebook": "book",
    "products/decision": "decision",
    "products/product": "product",
    "products/publishedfigure": "figure",
    "products/recognition": "recognition",
    "products/trustroot": "trust_root",
    "products/successorauthority": "successor",
    "products/validityrule": "validity_rule",
    "rounds/councilrule": "council_rule",
    "rounds/criteriaset": "criteria_set",
    "rounds/dossier": "dossier",
    "rounds/eligibilityrule": "eligibility_rule",
    "rounds/round": "round",
    "territory/commune": "commune",
    "territory/territory": "territory",
}


def _extract(facility: Any, actor: Any) -> extract.Extract:
    now = timezone.now()
    day = timezone.localdate(now)
    return extract.make(facility=facility, day=day, now=now, at=day, language="vi", actor=actor)


def _call(unit: Any) -> Call:
    day = dt.date(2026, 3, 1)
    return Call.objects.create(territory=unit, title="Đợt mẫu", year=2027, funding="local", opens_on=day, closes_on=day)


def _need(facility: Any, staff: Any, paper: Any) -> Need:
    """A need of the facility with a paper, answered by nobody."""
    return Need.objects.create(
        territory=facility.territory,
        commune=facility.commune,
        facility=facility,
        year=2027,
        title="Máy sấy",
        file=paper,
        registered_by=staff,
        registered_at=timezone.now(),
    )


def _inspection(project: Any, staff: Any, paper: Any) -> Inspection:
    """A planned inspection on which nobody in particular is sent, with one photo."""
    found = Inspection.objects.create(project=project, planned_on=timezone.localdate())
    found.photos.create(key=uuid4(), file=paper, taken_at=timezone.now(), added_by=staff)
    return found


def _finding(project: Any, staff: Any, paper: Any) -> Finding:
    return Finding.objects.create(
        project=project, text="Mẫu", due_on=timezone.localdate(), found_by=staff, found_at=timezone.now(), file=paper
    )


def _numbered(route: str, here: SimpleNamespace) -> int | None:
    """The number in an address that is not the number of the thing it begins with."""
    if route.startswith("cham-diem/"):
        return here.document.pk
    if "tien-trinh/tep" in route:
        return here.step_done.pk
    return here.inspection.photos.get().pk if route.startswith("quan-tri/kiem-tra/") else None


def _money(project: Any, staff: Any, paper: Any) -> Payment:
    """A payment asked for, a settlement and a liquidation, each with its paper."""
    now = timezone.now()
    day = timezone.localdate(now)
    Settlement.objects.create(
        project=project, submitted_on=day, total=0, extension_funds=0, submitted_by=staff, file=paper,
        state="approved", number="1", signed_on=day,
    )  # fmt: skip
    Liquidation.objects.create(
        project=project, number="1", signed_on=day, recorded_by=staff, recorded_at=now, file=paper
    )
    return Payment.objects.create(
        project=project, kind="advance", amount=1, reason="Mẫu", proposed_by=staff, proposed_at=now, file=paper
    )


def _way(unit: Any, project: Any, paper: Any) -> dict[str, Any]:
    """The province's own plan, steps, day and authority, and a step done with its paper."""
    workflow = Workflow.objects.create(name="Trình tự mẫu", funding="local", territory=unit)
    step = WorkflowStep.objects.create(workflow=workflow, ordinal=1, phase="running", name="Bước mẫu")
    now = timezone.now()
    day = timezone.localdate(now)
    return {
        "workflow": workflow,
        "step_done": StepDone.objects.create(project=project, step=step, done_on=day, recorded_at=now, file=paper),
        "plan": Plan.objects.create(territory=unit, year=2026, funding="local", name="Kế hoạch mẫu", file=paper),
        "due_rule": DueRule.objects.create(code="register", territory=unit, day=1, month=1, legal_basis="Mẫu"),
        "authority_rule": AuthorityRule.objects.create(
            territory=unit, funding="local", act="time", authority="department", legal_basis="Mẫu"
        ),
    }


def _file_of(unit: Any, project: Any, staff: Any, paper: Any) -> dict[str, Any]:
    """A paper of the project's file, an adjustment and an acceptance with their signed papers, what asks for them."""
    now = timezone.now()
    day = timezone.localdate(now)
    project.acceptances.create(
        decision_number="1",
        decision_on=day,
        held_on=day,
        outcome="passed",
        recorded_by=staff,
        recorded_at=now,
        file=paper,
    )
    known = {"name": "Chỉ tiêu mẫu", "unit": "cái"}
    return {
        "file_paper": project.papers.create(title="Mẫu", file=paper, added_by=staff, added_at=now),
        "adjustment": project.adjustments.create(
            kind="time", reason="Mẫu", authority="department", legal_basis="Mẫu", proposed_by=staff, proposed_at=now,
            file=paper,
        ),
        "evidence_rule": EvidenceRule.objects.create(phase="accepted", name="Mẫu", territory=unit),
        "indicator": ResultIndicator.objects.get_or_create(code="mau", defaults=known)[0],
    }  # fmt: skip


def _norm_item() -> NormItem:
    return NormItem.objects.get_or_create(code="mau", defaults={"name": "Máy mẫu", "head": 3})[0]


def _norm(unit: Any) -> SupportNorm:
    return SupportNorm.objects.create(item=_norm_item(), territory=unit, percent=50, legal_basis="Mẫu")


def _line(project: Any, paper: Any) -> EstimateLine:
    """One expense of an estimate that is being typed, with the papers of its priority and of its decision."""
    day = dt.date(2026, 1, 1)
    estimate = Estimate.objects.create(project=project, on=day, file=paper)
    sums = {"cost": 2, "asked": 1, "counterpart": 1}
    return EstimateLine.objects.create(
        estimate=estimate, project=project, item=_norm_item(), description="Máy", priority_file=paper, **sums
    )


def _form_of(route: str) -> str:
    if "de-cu" in route:
        return "danh-sach-trich-ngang"
    return "bao-cao-binh-chon" if "rounds/round" in route else "phieu-dang-ky"


def _token(route: str, here: SimpleNamespace) -> Any:
    if "lich/<uuid" in route:
        return here.feed.token
    return extract.token_of(here.extract) if "trich-luc" in route else token_of(here.notice)


def routes() -> dict[str, str]:
    """Every address of the portal as its pattern, with the prefix it answers under in English ("" when it does not)."""
    return dict(_walk(get_resolver(), "", localised=False))


def _walk(resolver: Any, prefix: str, *, localised: bool) -> Any:
    for entry in resolver.url_patterns:
        if isinstance(entry.pattern, LocalePrefixPattern):
            yield from _walk(entry, prefix, localised=True)
        elif hasattr(entry, "url_patterns"):
            yield from _walk(entry, prefix + str(entry.pattern), localised=localised)
        else:
            yield prefix + str(entry.pattern), "en/" if localised else ""


class World:
    """Objects of the own and of another province, and the session of each role."""

    def __init__(self) -> None:
        self.rule = ValidityRule.objects.create(code="mau", legal_basis="Quy định mẫu", years=4, to_end_of_year=True)
        self.reporting_rule = ReportingRule.objects.create(reporter="facility", month=1, day=15, legal_basis="Mẫu")
        self.successor = SuccessorAuthority.objects.create(level=Level.DISTRICT, authority="Sở mẫu", legal_basis="Mẫu")
        self.council_rule = CouncilRule.objects.create(level=Level.PROVINCE, signer="Chủ tịch", legal_basis="Mẫu")
        self.eligibility_rule = EligibilityRule.objects.create(
            code="rural_area", kind="answered", sentence="Ở nông thôn.", failure="Không ở nông thôn.", legal_basis="Mẫu"
        )
        self.trust_root = TrustRoot.objects.create(name="Tổ chức chứng thực mẫu", pem="", fingerprint="0" * 64)
        self.own = self._province("Thái Nguyên", "north")
        self.other = self._province("Đồng Tháp", "south")
        self.people = self._people()
        self.sessions = {role: _session(user) for role, user in self.people.items()}
        self.client = Client(raise_request_exception=False)
        self._by_session = {self.sessions[role]: user for role, user in self.people.items() if user}
        for user in self._by_session.values():
            for read in (staff_reach, seats_of, speaks_for_any):
                read(user)

    def who(self, request: HttpRequest) -> Any:
        """In place of Django's own reading of the session: the person with the rights read once."""
        user = self._by_session.get(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
        return copy.copy(user) if user else AnonymousUser()

    def _province(self, name: str, region: str) -> SimpleNamespace:
        unit = make.TerritoryFactory(name=name, region=region)
        commune = make.CommuneFactory(territory=unit)
        facility = make.FacilityFactory(territory=unit, commune=commune)
        product = make.ProductFactory(facility=facility)
        decision = make.DecisionFactory(territory=unit)
        recognition = make.RecognitionFactory(product=product, decision=decision)
        certificate = make.CertificateFactory(recognition=recognition, code=generate(Level.PROVINCE))
        withdrawal = WithdrawalRequest.objects.create(
            recognition=recognition, reason="Ngừng làm", asked_at=timezone.now(), asked_by=make.UserFactory()
        )
        round_ = make.RoundFactory(territory=unit, state=RoundState.SCORING, has_site_pass=True)
        criteria = make.CriteriaSetFactory(round=round_)
        dossier = make.DossierFactory(round=round_, product=product)
        paper = store(ContentFile(PDF, name="a.pdf"))
        signed_file = CertificatePaper.objects.create(
            certificate=certificate,
            kind=PaperKind.SIGNED,
            file=paper,
            signature=SignatureState.TRUSTED,
            added_at=timezone.now(),
            added_by=make.UserFactory(),
        )
        CouncilSession.objects.create(
            round=round_, number=1, held_at=timezone.now(), place="Phòng họp", minuted_by=make.UserFactory()
        )
        document = DossierDocument.objects.create(dossier=dossier, kind=DocumentKind.STATEMENT, file=paper)
        photo = ProductPhoto.objects.create(product=product, file=paper, is_public=True)
        staff = make.staff(Role.OFFICER, unit)
        programme = make.ProgrammeFactory(territory=unit)
        project = make.ProjectFactory(territory=unit, programme=programme)
        make.BeneficiaryFactory(project=project, facility=facility)
        entry = record(actor=staff, action="test", sentence="Một việc.", subject=facility, territory=unit)
        notice = Notice.objects.create(
            kind="test",
            subject_type="facilities.facility",
            subject_id=facility.uuid,
            recipient="a@example.vn",
            due_on=dt.date(2026, 1, 1),
            territory=unit,
            title="Thư",
            body="Nội dung",
        )
        address = f"loi{unit.pk}@example.vn"
        about = {"subject_type": "facilities.facility", "subject_id": facility.uuid, "territory": unit, "title": "Thư"}
        Notice.objects.create(kind="test", recipient=address, due_on=dt.date(2026, 1, 2), body="Nội dung", **about)
        fault = AddressFault.objects.create(
            address=address, kind="hard", first_at=timezone.now(), last_at=timezone.now()
        )
        errand = Errand.objects.create(
            kind="test", due_on=dt.date(2026, 1, 1), whom=facility.name, chat_text="Tin nhắn", **about
        )
        reminder_rule = ReminderRule.objects.create(
            kind="recognition_expiry", recipients="facility", days=unit.pk % 100, territory=unit
        )
        feed = CalendarFeed.objects.create(user=staff, territory=unit, made_at=timezone.now())
        batch = ImportBatch.objects.create(
            kind="facilities",
            filename="co-so.xlsx",
            file=paper,
            scope=str(unit.pk),
            scope_label=name,
            territory=unit,
            actor=staff,
            state=BatchState.PREVIEWED,
            uploaded_at=timezone.now(),
            previewed_at=timezone.now(),
        )
        figure = PublishedFigure.objects.create(
            place=name, territory=unit, period="2025", what="Sản phẩm", value_text="8", source="Báo"
        )
        twin, gone = make.FacilityFactory.create_batch(2, territory=unit)
        merging = merge_facilities(
            survivor=facility, loser=gone, reason="Nhập hai lần.", actor=staff, now=timezone.now()
        )
        # A sheet handed in by somebody who judges no more, on a dossier of its own.
        sheet = make.ScoreSheetFactory(
            dossier=make.DossierFactory(round=round_, product__facility=facility),
            state=SheetState.SUBMITTED,
            submitted_at=timezone.now(),
            total=80,
        )
        letter = Inquiry.objects.create(
            kind=InquiryKind.QUESTION,
            facility=facility,
            territory=unit,
            message="Có giao xa không?",
            state=InquiryState.PASSED_ON,
            received_at=timezone.now(),
            passed_on_at=timezone.now(),
        )
        Sample.objects.create(dossier=dossier, description="Hộp mẫu", received_at=timezone.now(), received_by=staff)
        nothing: dict[str, Any] = {"judges": [], "entries": [], "barred": {}, "opened": {}, "held": {}}
        AssignmentPlan.objects.create(
            round=round_,
            number=1,
            method=PlanMethod.BY_HAND,
            options={"per_dossier": 1, "facts": nothing},
            seed="2026-1",
            made_by=staff,
            made_at=timezone.now(),
        )
        above = make.RoundFactory(level=Level.REGION, territory=None, region=region, state=RoundState.RECEIVING)
        nominations = NominationList.objects.create(
            territory=unit, round=above, level=above.level, region=region, year=above.year
        )
        peer = Peer.objects.create(
            name=f"Cục ({name})",
            role=PeerRole.CENTRE,
            public_key=key_of(make_seed()).public,
            added_at=timezone.now(),
            added_by=staff,
        )
        package = ExchangePackage.objects.create(
            peer=peer,
            kind=PackageKind.NOMINATION,
            nomination_list=nominations,
            digest=sha256(name.encode()).hexdigest(),
            size=1,
            made_at=timezone.now(),
            file=ContentFile(b"PK", name="goi.zip"),
        )
        fair = make.FairFactory(territory=unit)
        return SimpleNamespace(
            letter=letter,
            nominations=nominations,
            peer=peer,
            package=package,
            sheet=sheet,
            twin=twin,
            twin_product=make.ProductFactory(facility=facility),
            merging=merging,
            territory=unit,
            commune=commune,
            facility=facility,
            product=product,
            decision=decision,
            recognition=recognition,
            withdrawal=withdrawal,
            certificate=certificate,
            book=CertificateBook.objects.create(issuer=f"Cơ quan của {unit}", territory=unit, year=2026),
            round=round_,
            criteria_set=criteria,
            seat=make.SeatFactory(round=round_, body=Body.COUNCIL, role=SeatRole.MEMBER),
            paper=round_.establishing.create(body=Body.COUNCIL, title="01/QĐ-MAU", scan=paper),
            conflict=make.ConflictFactory(dossier=dossier),
            dossier=dossier,
            document=document,
            representative=make.RepresentativeFactory(
                facility=None,
                territory=unit,
                claimed_name="Cơ sở",
                claimed_kind="household",
                state="pending",
                decided_at=None,
            ),
            photo=photo,
            user=staff,
            grant=staff.grants.get(),
            organisation=make.OrganisationFactory(territory=unit),
            programme=programme,
            project=project,
            advance_rule=AdvanceRule.objects.create(territory=unit, percent=70, legal_basis="Mẫu"),
            payment=_money(project, staff, paper),
            **_way(unit, project, paper),
            **_file_of(unit, project, staff, paper),
            question=ChecklistItem.objects.create(question=f"Câu của {unit}", territory=unit),
            inspection=_inspection(project, staff, paper),
            finding=_finding(project, staff, paper),
            report=ProgressReport.objects.create(
                project=project,
                month=dt.date(2026, 1, 1),
                percent=1,
                done="Mẫu",
                sent_by=staff,
                sent_at=timezone.now(),
                file=paper,
            ),
            line=_line(project, paper),
            norm=_norm(unit),
            norm_item=_norm_item(),
            priority=PriorityRule.objects.create(territory=unit, kind="area", name="Xã mẫu", legal_basis="Mẫu"),
            fair=fair,
            participation=make.ParticipationFactory(fair=fair, facility=facility),
            outlet=make.OutletFactory(territory=unit),
            call=_call(unit),
            need=_need(facility, staff, paper),
            entry=entry,
            notice=notice,
            fault=fault,
            errand=errand,
            reminder_rule=reminder_rule,
            feed=feed,
            batch=batch,
            figure=figure,
            reporting_rule=self.reporting_rule,
            successor=self.successor,
            validity_rule=self.rule,
            trust_root=self.trust_root,
            signed_file=signed_file,
            extract=_extract(facility, staff),
            council_rule=self.council_rule,
            eligibility_rule=self.eligibility_rule,
        )

    def _people(self) -> dict[str, Any]:
        unit, round_ = self.own.territory, self.own.round

        def seat(body: str, role: str) -> Any:
            return make.SeatFactory(round=round_, body=body, role=role).user

        return {
            "anonymous": None,
            "officer": make.staff(Role.OFFICER, unit),
            "leader": make.staff(Role.LEADER, unit),
            "extension officer": make.staff(Role.EXTENSION_OFFICER, unit),
            "commune officer": make.staff(Role.COMMUNE_OFFICER, unit, commune=self.own.commune),
            "council secretary": seat(Body.COUNCIL, SeatRole.SECRETARY),
            "support member": seat(Body.SUPPORT, SeatRole.SUPPORT_MEMBER),
            "judge": seat(Body.JURY, SeatRole.JUDGE),
            "head judge": seat(Body.JURY, SeatRole.HEAD_JUDGE),
            "regional agency": make.staff(Role.AGENCY_REGIONAL, None, region="north"),
            "national agency": make.staff(Role.AGENCY_NATIONAL),
            "administrator": make.staff(Role.ADMINISTRATOR),
            "producer": make.RepresentativeFactory(facility=self.own.facility).user,
        }

    def address(self, route: str, side: str) -> str:
        """The route with the side's objects filled in."""
        here = getattr(self, side)
        query = QUERIES.get(route, "").replace("<need>", str(here.need.uuid))
        return "/" + _fill(route, self._values(route, here)) + query

    def _values(self, route: str, here: SimpleNamespace) -> dict[str, Any]:
        thing = getattr(here, _behind(route))
        versions = getattr(thing, "history", None)
        return {
            "object_id": thing.pk,
            "id": thing.pk,
            "pk": _numbered(route, here) or thing.pk,
            "other_pk": (here.twin_product if "san-pham" in route else here.twin).pk,
            "dossier_pk": here.dossier.pk,
            "number": 1,
            "set_pk": here.criteria_set.pk,
            "seat_pk": here.seat.pk,
            "complaint_pk": 0,  # nobody has complained
            "which": "kem-theo",
            "paper_pk": here.paper.pk,
            "body": "jury",
            "document_pk": here.document.pk,
            "conflict_pk": here.conflict.pk,
            "sheet_pk": here.sheet.pk,
            "judge_pk": here.sheet.judge_id,
            "content_type_id": 1,
            "uuid": getattr(here.need if "nhu-cau" in route else thing, "uuid", ""),
            "slug": getattr(here.product if route.startswith("anh/") else thing, "slug", ""),
            "product_uuid": here.product.uuid,
            "code": here.certificate.code,
            "round_pk": here.round.pk,
            "round_uuid": here.round.uuid,
            "facility_uuid": here.facility.uuid,
            "recognition_uuid": here.recognition.uuid,
            "request_uuid": here.withdrawal.uuid,
            "key": "tam-dung",
            "digest": here.package.digest,
            "edition": "moi-nhat",
            "name": "products.csv",  # no open data have been made
            "round_slug": here.round.slug,
            "claim_uuid": here.representative.uuid,
            "token": _token(route, here),
            "paper_uuid": (here.file_paper if "de-an" in route else here.signed_file).uuid,
            "adjustment_uuid": here.adjustment.uuid,
            "ordinal": 1,
            "payment_uuid": here.payment.uuid,
            "part_uuid": here.participation.uuid,
            "line_uuid": here.line.uuid,
            "version": 1,
            "period_code": "nam-1-2024",
            "province_slug": here.facility.territory.slug,
            "shape": "dau",
            "ink": "mau",
            "ext": "svg",
            "app_label": "products",
            "kind": "ton-tai" if "khuyen-cong" in route else "facilities",
            "row_uuid": _row_of(route, here).uuid,
            "form": _form_of(route),
            "fmt": "docx",
            "year": 2025,
            "section": "co-so" if "part" in route else "trang",
            "part": here.facility.pk // 10_000,
            "url": "khong/co/",
            "regex": [thing.pk, versions.first().pk if versions else 1],
        }

    def links(self, role: str, path: str) -> set[str]:
        """Where the page leads inside the desk, for a role that may open it."""
        self.client.cookies.clear()
        self.client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[role]
        response = self.client.get(path)
        if response.status_code != 200 or response.streaming or "html" not in response.headers["Content-Type"]:
            return set()
        main = response.content.decode().partition('id="content"')[2]
        return {html.unescape(link) for link in re.findall(r'href="(/quan-tri/[^"#?]*)', main)}

    def status(self, role: str, method: str, route: str, path: str) -> tuple[int, str]:
        """Status and target of one request of one role; whatever it wrote is undone."""
        self.client.cookies.clear()
        if key := self.sessions[role]:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = key
        body = {"data": BODIES[route], "content_type": "application/json"} if route in BODIES else {}
        with transaction.atomic():
            response = getattr(self.client, method)(path, **(body if method == "post" else {}))
            if response.streaming:
                list(response)  # reading a file to its end closes it
            transaction.set_rollback(True)
        return response.status_code, response.headers.get("Location", "")


def _row_of(route: str, here: SimpleNamespace) -> Any:
    """What of a project's supervision the address names beside the project."""
    if "kiem-tra/tien-do" in route:
        return here.report
    return here.inspection if "bien-ban" in route else here.finding


def _behind(route: str) -> str:
    """Which object's page the address is; any will do where it names none."""
    plain = route.replace("^", "")
    deeper = next((thing for beginning, thing in DEEPER.items() if plain.startswith(beginning)), "")
    if deeper:
        return deeper
    parts = plain.split("/")
    if parts[0] == "quan-tri":
        return DESK.get("/".join(parts[1:3]), "facility")
    return PUBLIC.get(parts[2] if parts[0] == "api" and len(parts) > 2 else parts[0], "facility")


def _session(user: Any) -> str:
    if user is None:
        return ""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _fill(route: str, values: dict[str, Any]) -> str:
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), _plain(route))
    numbered = iter(values["regex"])
    return re.sub(r"\(\[\^/\]\+\)", lambda _found: str(next(numbered)), path).replace("^", "").replace("$", "")


def _plain(route: str) -> str:
    """Named groups of regular expressions written like path converters."""
    return re.sub(r"\(\?P(<\w+>)[^()]*\)", r"\1", route).replace("?", "")
