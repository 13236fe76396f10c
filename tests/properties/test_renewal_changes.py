"""What is marked in a renewed dossier is exactly what differs, and a marked text gives back both versions."""

from collections import Counter
from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from rounds.enums import DocumentKind
from rounds.renewal_changes import FIELDS, OF_ONE_ROUND, SHARED_SHOWN, How, compare, compare_papers, pieces
from rounds.statement import STATEMENT_PARTS

WORDS = st.lists(st.sampled_from(["chè", "2023", "2025", "hộp", "bán", "tỉnh"]), max_size=8).map(" ".join)
PAPERS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(list(DocumentKind.values)),
            "title": st.sampled_from(["", "Bằng khen"]),
            "sha256": st.sampled_from(["", "a", "b", "c"]),
            "on_paper": st.booleans(),
            "valid_until": st.sampled_from([None, "2027-01-01"]),
        }
    ),
    max_size=6,
)
CONTENTS = st.fixed_dictionaries(
    {
        "product": st.fixed_dictionaries(
            {
                "name": WORDS,
                "group": st.sampled_from(["handicraft", "processing"]),
                "is_set": st.booleans(),
                "members": st.lists(WORDS.filter(bool), max_size=3),
                "materials": WORDS,
            }
        ),
        "facility": st.one_of(
            st.none(),
            st.fixed_dictionaries(
                {"name": WORDS, "kind": st.sampled_from(["household", "cooperative"]), "address": WORDS}
            ),
        ),
        "set_basis": st.sampled_from(["", "materials", "designs"]),
        "statement": WORDS,
        "statement_parts": st.fixed_dictionaries(dict.fromkeys(STATEMENT_PARTS, WORDS)),
        "documents": PAPERS,
    }
)


def value(content, name):
    found = content
    for step in FIELDS[name][0]:
        found = (found or {}).get(step)
    return found or ("" if not isinstance(found, bool) else found)


def plain(found):
    return "; ".join(found) if isinstance(found, list) else found


@given(before=CONTENTS, now=CONTENTS)
def test_the_changes_are_exactly_the_fields_that_differ(before, now):
    differing = {name for name in FIELDS if plain(value(before, name)) != plain(value(now, name))}
    found = compare(before, now)
    assert {row.field for row in found.changed} == differing
    assert len(found.changed) == len(differing)
    assert set(found.unchanged_parts) == {
        name for name in ("statement", *STATEMENT_PARTS) if value(now, name) and name not in differing
    }


@given(content=CONTENTS)
def test_a_copy_has_no_change(content):
    found = compare(content, deepcopy(content))
    assert (found.changed, found.total) == ((), 0)


@given(before=CONTENTS, now=CONTENTS, name=st.sampled_from(list(FIELDS)))
def test_one_edited_field_is_the_one_change(before, now, name):
    edited = deepcopy(before)
    path = FIELDS[name][0]
    if len(path) == 1:
        edited[path[0]] = now[path[0]]
    elif edited[path[0]] and now[path[0]]:
        edited[path[0]][path[1]] = now[path[0]][path[1]]
    differs = plain(value(before, name)) != plain(value(edited, name))
    assert [row.field for row in compare(before, edited).changed] == [name] * differs


@given(before=PAPERS, now=PAPERS)
def test_every_paper_is_told_once_and_the_same_ones_are_the_common_ones(before, now):
    found = compare_papers(before, now)
    for kind in DocumentKind:
        rows = Counter(row.how for row in found if row.kind == kind)
        if kind in OF_ONE_ROUND:
            assert not rows
            continue
        held, given_ = ids(before, kind), ids(now, kind)
        assert rows[How.SAME] == (held & given_).total()
        assert rows[How.SAME] + rows[How.CHANGED] + rows[How.ADDED] == given_.total()
        assert rows[How.SAME] + rows[How.CHANGED] + rows[How.REMOVED] == held.total()


def ids(papers, kind):
    return Counter((row["sha256"], row["on_paper"], row["valid_until"]) for row in papers if row["kind"] == kind)


@given(before=WORDS, now=WORDS)
def test_a_marked_text_gives_back_both_versions(before, now):
    """Texts of this length are never cut in the middle."""
    assert SHARED_SHOWN > 8
    found = pieces(before, now)
    assert "".join(piece.text for piece in found if piece.how != How.ADDED) == before
    assert "".join(piece.text for piece in found if piece.how != How.REMOVED) == now
