"""Names that are known almost: of each class, nearly all are met among the first three."""

import pytest

from tests.search.municipality import answers
from tests.search.slips import CLASSES, Case, cases

REQUIRED = 0.95


@pytest.fixture(scope="module")
def missed() -> dict[str, list[Case]]:
    asked = {name: cases(name) for name in CLASSES}
    found = answers(tuple(dict.fromkeys(case.typed for rows in asked.values() for case in rows)))

    def met(case: Case) -> bool:
        return not case.right.isdisjoint([hit["id"] for hit in found[case.typed]["contacts"][:3]])

    return {name: [case for case in rows if not met(case)] for name, rows in asked.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSES)
def test_95_percent_of_a_class_are_met_among_the_first_three(name: str, missed: dict[str, list[Case]]) -> None:
    asked = len(cases(name))
    assert asked >= 50
    assert len(missed[name]) <= (1 - REQUIRED) * asked, [case.typed for case in missed[name]]
