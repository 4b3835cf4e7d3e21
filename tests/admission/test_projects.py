"""A credential names its own project, by name or number, and no other."""

import pytest

from pisang.admission.projects import check_project
from pisang.core.caller import Caller
from pisang.core.errors import PermissionDenied

ANNA = Caller("prj_1", "key_1", project_name="anna", project_number="123456789012")


@pytest.mark.parametrize("own", ["anna", "123456789012", "prj_1"])
def test_the_own_project_passes_by_name_and_number(own: str) -> None:
    check_project(ANNA, own, location="global", model="gemini-3-pro-image")


@pytest.mark.parametrize("other", ["bert", "123456789013", "", "ANNA", "anna\n", "x" * 5000])
def test_any_other_is_denied_in_googles_words(other: str) -> None:
    with pytest.raises(PermissionDenied) as caught:
        check_project(ANNA, other, location="global", model="gemini-3-pro-image")
    message = caught.value.message
    assert message.startswith("Permission 'aiplatform.endpoints.predict' denied on resource '//ai")
    assert "' (or it may not exist)." in message
    assert "'anna' (number 123456789012)" in message
    assert message.isprintable()
    assert len(message) < 500
    assert caught.value.metadata["permission"] == "aiplatform.endpoints.predict"


def test_the_resource_has_googles_full_name() -> None:
    with pytest.raises(PermissionDenied) as caught:
        check_project(ANNA, "bert", location="us-central1", model="imagen@1", permission="a.b.c")
    assert caught.value.metadata["resource"] == (
        "//aiplatform.googleapis.com/projects/bert/locations/us-central1/publishers/google/models/"
        "imagen@1"
    )
    assert "'a.b.c'" in caught.value.message


def test_a_caller_without_names_may_name_nothing() -> None:
    with pytest.raises(PermissionDenied):
        check_project(Caller("prj_1", "key_1"), "")
