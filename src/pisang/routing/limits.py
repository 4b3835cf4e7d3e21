"""Limits of upstreams, as far as they were met: Google does not publish its numbers, it only says
which one is used up. What is remembered sends requests to keys that still have room; it never
refuses any, since a limit may have been raised meanwhile."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pisang.core.upstream import Symptom
from pisang.wire import complaint

Key = tuple[str, int, str]
"""Whom a limit is for: an engine, one key of it, one model."""

_MINUTE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Limit:
    """What a limit is called, how much it said it allows (empty where it did not), and when."""

    quota_id: str
    value: str
    seen: float

    @property
    def requests_a_minute(self) -> int | None:
        """None where it counts something else."""
        name = self.quota_id.lower()
        counts = "perminute" in name and "request" in name and self.value.isdecimal()
        return int(self.value) if counts else None


@dataclass(slots=True)
class Limits:
    """Costs nothing for a key that never met one."""

    met: dict[Key, dict[str, Limit]] = field(default_factory=dict)
    begun: dict[Key, deque[float]] = field(default_factory=dict)

    def learn(self, key: Key, quota_id: str, symptom: Symptom, *, now: float) -> None:
        """A limit is used up, and this is how it was said."""
        quotas = complaint.read(symptom.body).quotas
        value = next((quota.value for quota in quotas if quota_id in (quota.id, quota.metric)), "")
        known = self.met.setdefault(key, {})
        known.pop(quota_id, None)
        known[quota_id] = Limit(quota_id, value, now)
        self.begun.setdefault(key, deque())

    def begin(self, key: Key, now: float) -> None:
        """A request is sent."""
        if (begun := self._last_minute(key, now)) is not None:
            begun.append(now)

    def spent(self, key: Key, now: float) -> bool:
        """Whether as many requests were sent in the last minute as a limit allows."""
        if (begun := self._last_minute(key, now)) is None:
            return False
        allowed = (limit.requests_a_minute for limit in self.met[key].values())
        return any(most is not None and len(begun) >= most for most in allowed)

    def forget(self, engine: str) -> None:
        for key in [key for key in self.met if key[0] == engine]:
            del self.met[key], self.begun[key]

    def of(self, engine: str, member: int, now: float) -> Iterator[Mapping[str, object]]:
        """The limits that were met with a key, as plain data for people."""
        for key, known in self.met.items():
            if key[:2] == (engine, member):
                for limit in known.values():
                    yield {
                        "model": key[2],
                        "quota_id": limit.quota_id,
                        "value": limit.value,
                        "seconds_ago": round(now - limit.seen, 1),
                    }

    def _last_minute(self, key: Key, now: float) -> deque[float] | None:
        """When requests were sent; None for who met no limit. What is older is forgotten here."""
        begun = self.begun.get(key)
        while begun and begun[0] <= now - _MINUTE:
            begun.popleft()
        return begun
