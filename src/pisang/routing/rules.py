"""How patient pisang is with engines that fail: all the numbers of retrying, in seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRules:
    """``tries`` is how often one engine is asked for one request, ``tries_before_next`` where
    another engine of the route could be asked instead. Waits are drawn between nothing and ``base``
    doubled with every try, at most ``longest_backoff``, on top of what the upstream asked for. All
    waits of a request together are at most ``longest_wait``, and ``longest_wait_before_next`` where
    there is another engine, or an operator has to act; and no wait is made after which less than
    ``least_work`` is left before the deadline.

    After ``failures`` in a row an engine rests for ``rest``, doubled each time up to
    ``longest_rest``, and is then let back in by one request at a time. ``hedge_after`` starts a
    second engine when nothing has come for that long; None: never. An engine that did not finish in
    less than ``fair_time`` is not held to be sick: it is callers who choose their deadlines.
    """

    tries: int = 4
    tries_before_next: int = 2
    base: float = 0.5
    longest_backoff: float = 8.0
    longest_wait: float = 20.0
    longest_wait_before_next: float = 2.0
    least_work: float = 1.0
    failures: int = 5
    rest: float = 5.0
    longest_rest: float = 60.0
    hedge_after: float | None = None
    fair_time: float = 180.0
