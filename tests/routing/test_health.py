"""Who is kept away from, and for how long."""

from structlog.testing import capture_logs

from pisang.core.upstream import Dialect, Symptom
from pisang.routing.health import MOST, Health, State
from pisang.routing.rules import RetryRules
from pisang.routing.triage import triage
from tests.routing.stage import (
    BAD_KEY,
    BAD_REQUEST,
    MODEL,
    NO_MONEY,
    OVERLOADED,
    UNREACHABLE,
    Clock,
    google,
    limited,
)

RULES = RetryRules(failures=3, rest=5.0, longest_rest=20.0)


class Ward:
    """The health of engine ``studio`` with two keys."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.health = Health(RULES, self.clock)

    def fails(self, symptom: Symptom, key: int = 0, model: str = MODEL) -> None:
        probed = self.health.begin("studio", key, model)
        self.health.failed(
            "studio", key, model, diagnosis=triage(symptom), symptom=symptom, probed=probed
        )

    def works(self, key: int = 0, model: str = MODEL) -> None:
        self.health.worked("studio", key, model, self.health.begin("studio", key, model))

    def free(self, key: int = 0, model: str = MODEL) -> bool:
        return self.health.hindrance("studio", key, model) is None

    def state(self, key: int | None = 0) -> list[object]:
        return [told["state"] for told in self.health.of("studio", key)]


def test_a_few_failures_keep_nobody_away() -> None:
    ward = Ward()
    ward.fails(OVERLOADED)
    ward.fails(OVERLOADED)
    assert ward.free()
    assert ward.state() == [State.SHAKY]


def test_a_success_between_failures_starts_the_count_again() -> None:
    ward = Ward()
    for _ in range(5):
        ward.fails(OVERLOADED)
        ward.fails(OVERLOADED)
        ward.works()
    assert ward.free()
    assert not ward.health.troubles


def test_many_failures_in_a_row_make_a_model_rest_with_that_key_only() -> None:
    ward = Ward()
    for _ in range(3):
        ward.fails(OVERLOADED)
    assert ward.state() == [State.RESTING]
    assert not ward.free()
    assert ward.free(key=1)
    assert ward.free(model="gemini-2.5-flash-image")
    assert ward.health.wait("studio", 0, MODEL) == 5.0


def test_a_broken_connection_is_everyones() -> None:
    ward = Ward()
    for key in (0, 1, 0):
        ward.fails(UNREACHABLE, key=key)
    assert ward.state(None) == [State.RESTING]
    assert not ward.free(key=0)
    assert not ward.free(key=1, model="gemini-2.5-flash-image")


def test_after_a_rest_one_at_a_time_may_look() -> None:
    ward = Ward()
    for _ in range(3):
        ward.fails(OVERLOADED)
    ward.clock.now += 5
    assert ward.free()
    probed = ward.health.begin("studio", 0, MODEL)
    assert ward.state() == [State.PROBING]
    assert not ward.free()
    ward.health.left(probed)  # that caller hung up
    assert ward.free()
    ward.works()
    assert ward.free()
    assert not ward.health.troubles


def test_a_failed_look_makes_the_rest_longer_each_time() -> None:
    ward = Ward()
    for _ in range(3):
        ward.fails(OVERLOADED)
    rests = []
    for _ in range(4):
        rests.append(ward.health.wait("studio", 0, MODEL))
        ward.clock.now += rests[-1]
        ward.fails(OVERLOADED)
    assert rests == [5, 10, 20, 20]


def test_those_who_were_under_way_do_not_make_a_rest_longer() -> None:
    ward = Ward()
    for _ in range(30):
        ward.fails(OVERLOADED)
    assert ward.health.wait("studio", 0, MODEL) == 5


def test_the_time_an_upstream_tells_is_kept_to_even_if_others_succeed() -> None:
    ward = Ward()
    ward.fails(limited(34))
    assert ward.state() == [State.COOLING]
    ward.works()  # it was under way before the limit was met
    assert ward.health.wait("studio", 0, MODEL) == 34
    assert ward.free(model="gemini-2.5-flash-image")
    ward.clock.now += 34
    assert ward.free()
    ward.health.begin("studio", 0, MODEL)
    assert ward.free(), "a limit that is renewed lets everyone in"


def test_whoever_is_out_stays_out_until_let_in() -> None:
    ward = Ward()
    ward.fails(NO_MONEY)
    ward.clock.now += 1_000_000
    ward.works()
    assert ward.state() == [State.OUT]
    assert not ward.free(model="gemini-2.5-flash-image")
    assert ward.free(key=1)
    assert ward.health.readmit("studio", 1) == 0
    assert ward.health.readmit("studio", 0) == 1
    assert ward.free()


def test_what_an_operator_must_mend_is_looked_at_by_one_after_its_time() -> None:
    ward = Ward()
    ward.fails(
        google(403, "Vertex AI API has not been used in project 1.", word="PERMISSION_DENIED")
    )
    wait = ward.health.wait("studio", 0, MODEL)
    assert wait >= 60
    ward.clock.now += wait
    ward.health.begin("studio", 0, MODEL)
    assert not ward.free()


def test_a_request_that_is_itself_at_fault_makes_nobody_sick() -> None:
    ward = Ward()
    for _ in range(10):
        ward.fails(BAD_REQUEST)
    assert not ward.health.troubles


def test_a_refused_request_shows_that_the_engine_is_back() -> None:
    ward = Ward()
    for _ in range(3):
        ward.fails(OVERLOADED)
    ward.clock.now += 5
    ward.fails(BAD_REQUEST)
    assert not ward.health.troubles


def test_an_operator_is_told_once() -> None:
    ward = Ward()
    with capture_logs() as logs:
        for _ in range(3):
            ward.fails(BAD_KEY, key=1)
    alarms = [entry for entry in logs if entry["log_level"] == "error"]
    assert [entry["event"] for entry in alarms] == ["engine out"]
    assert alarms[0]["engine"] == "studio"
    assert alarms[0]["engine_key"] == 1
    assert alarms[0]["kind"] == "bad-key"
    assert "Replace this key" in alarms[0]["advice"]


def test_limits_are_learned_from_what_was_said() -> None:
    ward = Ward()
    ward.fails(limited(12, value=3))
    ward.clock.now += 7
    assert list(ward.health.limits.of("studio", 0, ward.clock())) == [
        {
            "model": MODEL,
            "quota_id": "GenerateRequestsPerMinutePerProjectPerModel",
            "value": "3",
            "seconds_ago": 7.0,
        }
    ]


def test_a_key_whose_limit_must_be_used_up_is_known() -> None:
    ward = Ward()
    ward.fails(limited(1, value=2))
    ward.clock.now += 60
    assert not ward.health.spent("studio", 0, MODEL)
    ward.works()
    assert not ward.health.spent("studio", 0, MODEL)
    ward.works()
    assert ward.health.spent("studio", 0, MODEL)
    assert not ward.health.spent("studio", 1, MODEL)
    ward.clock.now += 61
    assert not ward.health.spent("studio", 0, MODEL)


def test_no_more_is_remembered_of_requests_than_those_of_a_minute() -> None:
    ward = Ward()
    ward.fails(limited(1, value=2))
    for _ in range(100):
        ward.clock.now += 30
        ward.works()
    assert [len(begun) for begun in ward.health.limits.begun.values()] == [2]


def test_an_engine_that_is_another_one_now_begins_with_a_clean_sheet() -> None:
    ward = Ward()
    ward.fails(NO_MONEY)
    ward.fails(limited(50), key=1)
    ward.health.forget("studio")
    assert ward.free(key=0)
    assert ward.free(key=1)
    assert not ward.health.limits.met


def test_people_are_told_what_is_wrong_and_what_to_do() -> None:
    ward = Ward()
    ward.fails(limited(34.4))
    (told,) = ward.health.of("studio", 0)
    assert told["model"] == MODEL
    assert told["kind"] == "rate-minute"
    assert told["seconds"] == 34.4
    assert told["status"] == 429
    ward.clock.now += 40
    assert not list(ward.health.of("studio", 0))


def test_made_up_models_do_not_fill_the_memory_nor_push_out_what_is_out() -> None:
    ward = Ward()
    ward.fails(BAD_KEY, key=1)

    for number in range(MOST + 50):
        ward.fails(google(404, "models/x is not found", word="NOT_FOUND"), model=f"x{number}")

    assert len(ward.health.troubles) == MOST
    assert not ward.free(key=1)
    assert ward.free(model="x0")
    assert not ward.free(model=f"x{MOST + 49}")


def test_little_is_remembered_of_long_complaints() -> None:
    ward = Ward()
    ward.fails(Symptom(dialect=Dialect.GEMINI, status=503, body=b"x" * 1_000_000))
    (trouble,) = ward.health.troubles.values()
    assert len(trouble.symptom.body) <= 64 * 1024
