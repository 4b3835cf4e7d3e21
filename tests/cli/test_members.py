"""``pisang members`` on a data folder."""

import pytest

from tests.cli.nouns import Commands

ANN = "user:ann@example.org"


def test_members_come_change_and_go(shop: Commands) -> None:
    of = ("--project", "shop")
    added = shop.done("members", "add", "user:Ann@Example.org", *of, "--role", "owner")
    assert added == f"{ANN} is owner in shop.\n"
    shop.done("members", "add", "user:bob@example.org", *of, "--role", "viewer")
    shop.done("members", "add", ANN, "--operator")
    assert [(each["member"], each["role"]) for each in shop.json("members", "list", *of)] == [
        (ANN, "owner"),
        ("user:bob@example.org", "viewer"),
    ]
    assert [each["role"] for each in shop.json("members", "list", "--operator")] == ["operator"]
    assert "billing-admin" in shop.done(
        "members", "add", "user:bob@example.org", *of, "--role", "billing-admin"
    )
    shop.done("members", "remove", "user:bob@example.org", *of)
    table = shop.done("members", "list")
    assert "bob" not in table
    assert "(all)" in table


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("add", ANN, "--project", "shop"), "Say where and what"),
        (("add", ANN, "--role", "owner"), "Say where and what"),
        (("add", ANN, "--operator", "--project", "shop"), "--operator by itself"),
        (("add", ANN, "--project", "shpo", "--role", "owner"), "Did you mean 'shop'?"),
        (("add", "ann", "--project", "shop", "--role", "owner"), "write user:MAIL"),
        (("add", ANN, "--project", "shop", "--role", "king"), "king"),
        (("add", "key:key_x", "--project", "shop", "--role", "viewer"), "There is no key:key_x"),
        (("remove", ANN, "--project", "shop"), "is no member"),
        (("remove", ANN), "Say where"),
    ],
)
def test_a_mistake_is_told(shop: Commands, words: tuple[str, ...], why: str) -> None:
    code, out, err = shop.say("members", *words)
    assert (code, out) == (2, "")
    assert why in err
