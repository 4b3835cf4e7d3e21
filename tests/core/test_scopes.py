import pytest

from pisang.core import scopes


@pytest.mark.parametrize(
    ("scope", "kind", "name"),
    [
        (scopes.of_project("prj_1"), scopes.PROJECT, "prj_1"),
        (scopes.of_key("key_1"), scopes.KEY, "key_1"),
        (scopes.of_tier("2"), scopes.TIER, "2"),
        (scopes.of_key_or_project("key_1", "prj_1"), scopes.KEY, "key_1"),
        (scopes.of_key_or_project("", "prj_1"), scopes.PROJECT, "prj_1"),
        ("project:a:b", scopes.PROJECT, "a:b"),
    ],
)
def test_a_scope_is_taken_apart_as_it_was_put_together(scope: str, kind: str, name: str) -> None:
    assert (scopes.kind_of(scope), scopes.name_of(scope)) == (kind, name)
