"""Names are computed, the same every time, and within Google's limits or refused."""

from __future__ import annotations

import pytest

from settings.loading import names_of
from settings.model import Installation
from settings.names import Names
from settings.problems import InvalidSettings


@pytest.fixture
def names(installation: Installation) -> Names:
    return names_of(installation)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("a" * 15, "project id 'acme-prd-aaaaaaaaaaaaaaa-k7q2' is fine"),
        (
            "a" * 17,
            "project id 'acme-prd-aaaaaaaaaaaaaaaaa-k7q2': is not allowed by Google (31 characters); shorten its key",
        ),
        ("Upper", "project id 'acme-prd-Upper-k7q2': is not allowed by Google (19 characters); shorten its key"),
        ("a_b", "project id 'acme-prd-a_b-k7q2': is not allowed by Google (17 characters); shorten its key"),
        ("ssl", "project id 'acme-prd-ssl-k7q2': holds 'ssl', which Google forbids; change its key"),
        ("nullify", "project id 'acme-prd-nullify-k7q2': holds 'null', which Google forbids; change its key"),
    ],
)
def test_project_ids_have_at_most_30_characters_and_no_word_of_googles(names: Names, key: str, text: str) -> None:
    if text.endswith("is fine"):
        assert f"project id '{names.project('production', key)}' is fine" == text
        return
    with pytest.raises(InvalidSettings) as caught:
        names.project("production", key)
    assert str(caught.value) == text


def test_bucket_names_have_at_most_63_characters(names: Names) -> None:
    project = names.project("production", "churn")
    assert names.bucket("production", "churn", "p" * (62 - len(project))) == f"{project}-{'p' * (62 - len(project))}"
    with pytest.raises(InvalidSettings, match=r"bucket name .* is not allowed by Google \(64 characters\)"):
        names.bucket("production", "churn", "p" * (63 - len(project)))


@pytest.mark.parametrize(("role", "fine"), [("model", False), ("models", True), ("r" * 30, True), ("r" * 31, False)])
def test_service_account_ids_have_6_to_30_characters(names: Names, role: str, fine: bool) -> None:
    if fine:
        assert names.service_account_id(role) == role
    else:
        with pytest.raises(InvalidSettings, match="service account id"):
            names.service_account_id(role)


def test_the_same_settings_always_give_the_same_names(installation: Installation) -> None:
    first, second = names_of(installation), names_of(installation)
    assert first.project("production", "churn") == second.project("production", "churn") == "acme-prd-churn-k7q2"


def test_own_labels_win_over_those_of_the_settings_and_none_is_lost(names: Names) -> None:
    assert names.labels("production", "serving", team="churn") == {
        "cost-center": "cc-1042",
        "environment": "production",
        "application": "serving",
        "managed-by": "blueprint",
        "team": "churn",
    }
