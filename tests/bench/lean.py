"""The catalogue's pages, the statistics and the API's list in the leanest SQL a person would write for PostgreSQL by hand.

It knows nothing of the portal's code, so that a page measured against it cannot hide slow statements of its
own: twelve cards with their recognition, and the counts of five facets (the page has nine). Where a product has several
recognitions the hand-written cards take the newest; the portal chooses with more care.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from portal.territory.queries import current_ids

PUBLISHED = "r.stage = 'recognised' AND r.published_at IS NOT NULL AND r.withheld_at IS NULL"
STATUS = (
    "CASE WHEN r.revoked_on <= CURRENT_DATE THEN 'revoked' WHEN r.withdrawn_on <= CURRENT_DATE THEN 'withdrawn'"
    " WHEN r.suspended_from <= CURRENT_DATE AND (r.suspended_to IS NULL OR r.suspended_to >= CURRENT_DATE)"
    " THEN 'suspended' WHEN r.expires_on < CURRENT_DATE THEN 'expired'"
    " WHEN r.expires_on <= CURRENT_DATE + 90 THEN 'expiring' ELSE 'valid' END"
)
ROWS = "products_recognition r"
JOIN = f"{ROWS} JOIN products_product p ON p.id = r.product_id"


@dataclass(frozen=True)
class Asked:
    """A query's conditions by facet, and those on words, as SQL."""

    by_facet: tuple[tuple[str, str], ...] = ()
    words: str = ""
    offset: int = 0

    def where(self, leave_out: str = "") -> str:
        conditions = [sql for facet, sql in self.by_facet if facet != leave_out]
        return " AND ".join([PUBLISHED, *conditions, *([self.words] if self.words else [])])


FILTERED = Asked(
    (("level", "r.level = 'national'"), ("group", "p.\"group\" = 'processing'"), ("status", f"{STATUS} = 'expired'"))
)
SEARCHED = Asked(words=" AND ".join(f"p.search_text LIKE '%{word}%'" for word in ("mien", "dong", "tan", "cuong")))
Statements = list[tuple[str, None]]


def statements(asked: Asked) -> Statements:
    """One statement for the cards and one per facet."""
    today = ", ".join(f"({then}, {now})" for then, now in current_ids().items())
    rows = JOIN if "p." in asked.where() else ROWS
    facets = {
        "level": ("r.level", rows),
        "status": (STATUS, rows),
        "group": ('p."group"', JOIN),
        "province": ("u.today", f"{rows} JOIN (VALUES {today}) AS u (unit, today) ON u.unit = r.territory_id"),
        "year": ("r.year", rows),
    }
    return [(_cards(asked), None), *((_facet(asked, name, *facets[name]), None) for name in facets)]


def _facet(asked: Asked, name: str, value: str, tables: str) -> str:
    pairs = f"SELECT r.product_id, {value} AS value FROM {tables} WHERE {asked.where(name)} GROUP BY 1, 2"
    return f"SELECT value, count(*) FROM ({pairs}) AS pairs GROUP BY 1"


def _cards(asked: Asked) -> str:
    found = (
        "SELECT p.id, p.name, p.slug, p.sort_key, p.facility_id FROM products_product p WHERE EXISTS"
        f" (SELECT 1 FROM products_recognition r WHERE r.product_id = p.id AND {asked.where()})"
        f" ORDER BY p.sort_key, p.id LIMIT 12 OFFSET {asked.offset}"
    )
    newest = (
        "SELECT r.level, r.year, r.expires_on, r.territory_id FROM products_recognition r"
        f" WHERE r.product_id = p.id AND {PUBLISHED} ORDER BY r.year DESC LIMIT 1"
    )
    return (
        f"SELECT p.*, f.name, r.*, t.name FROM ({found}) AS p LEFT JOIN facilities_facility f ON f.id = p.facility_id"
        f" CROSS JOIN LATERAL ({newest}) AS r JOIN territory_territory t ON t.id = r.territory_id"
        " ORDER BY p.sort_key, p.id"
    )


def statistics() -> Statements:
    """Recognitions, singles, sets, products and makers by group; by province and level; by level and year."""
    numbers = "count(*), count(*) FILTER (WHERE p.is_set), count(DISTINCT r.product_id), count(DISTINCT p.facility_id)"
    return [
        (f'SELECT p."group", {numbers} FROM {JOIN} WHERE {PUBLISHED} GROUP BY 1', None),
        (f"SELECT r.territory_id, r.level, count(*) FROM {ROWS} WHERE {PUBLISHED} GROUP BY 1, 2", None),
        (f"SELECT r.level, r.year, count(*) FROM {ROWS} WHERE {PUBLISHED} GROUP BY 1, 2", None),
    ]


def api_list() -> Statements:
    """How many products there are, the first page of them, and what each has; the keys of the page stand in the rest."""
    public = f"EXISTS (SELECT 1 FROM {ROWS} WHERE r.product_id = p.id AND {PUBLISHED})"
    page = (
        "FROM products_product p LEFT JOIN facilities_facility f ON f.id = p.facility_id"
        f" WHERE {public} ORDER BY p.sort_key, p.id LIMIT 25"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT p.id {page}")
        listed = ", ".join(str(key) for (key,) in cursor.fetchall())
    of_page = f"product_id IN ({listed})"
    recognitions = (
        "SELECT r.*, t.slug, t.name, d.number, d.signed_on, d.issuer, v.is_certain, c.code"
        f" FROM {ROWS} JOIN territory_territory t ON t.id = r.territory_id"
        " LEFT JOIN products_decision d ON d.id = r.decision_id"
        " LEFT JOIN products_validityrule v ON v.id = r.validity_rule_id"
        " LEFT JOIN products_certificate c ON c.recognition_id = r.id AND c.superseded_on IS NULL"
        f" WHERE r.{of_page} AND {PUBLISHED} ORDER BY r.year DESC"
    )
    photos = (
        "SELECT h.*, s.width, s.height FROM products_productphoto h JOIN files_storedfile s ON s.id = h.file_id"
        f" WHERE h.{of_page} AND h.is_public"
    )
    members = (
        f"SELECT m.name, p.slug, {public} FROM products_setmember m LEFT JOIN products_product p ON p.id = m.product_id"
        f" WHERE m.product_set_id IN ({listed})"
    )
    return [
        (f"SELECT count(*) FROM products_product p WHERE {public}", None),
        (f"SELECT p.*, f.slug, f.name, f.kind {page}", None),
        (recognitions, None),
        (photos, None),
        (f"SELECT * FROM products_saleslink WHERE {of_page}", None),
        (members, None),
    ]


PAGES: dict[str, Callable[[], Statements]] = {
    "catalogue": lambda: statements(Asked()),
    "catalogue, filtered": lambda: statements(FILTERED),
    "catalogue, searched": lambda: statements(SEARCHED),
    "catalogue, page 400": lambda: statements(Asked(offset=399 * 12)),
    "statistics": statistics,
    "API list of products": api_list,
    "API list, nothing held": api_list,
}
