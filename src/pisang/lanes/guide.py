"""Where a request goes: the card that the id of its model means, and the plan of its route.

Callers ask for much the same again and again. So the question that a request puts to the route
table is remembered by all the values that it is made from; the router remembers the answer until
there is another table (``routing/router.py``).
"""

import re
from dataclasses import replace
from typing import Final

from pisang.admission import restrictions
from pisang.admission.via import Via
from pisang.catalog.models import Catalog, Resolution
from pisang.core.caller import Caller
from pisang.core.errors import ModelNotFound, NoRoute
from pisang.core.request import GenerateRequest, ServiceTier
from pisang.core.upstream import Dialect
from pisang.lanes.verbatim import Sent, speaks
from pisang.routing.plan import Plan, Question, Step, question_of
from pisang.routing.router import Router

_ID: Final = re.compile(r"[\w.:@+=,~/-]{1,256}", re.ASCII)
_SILENT: Final = "does not take this body as it is, and nobody here knows the model"
_MOST_QUESTIONS: Final = 1_000


class Guide:
    """Finds the card and the plan of a request; ``strict`` refuses ids that Google shut down."""

    def __init__(self, router: Router, models: Catalog, *, strict: bool) -> None:
        self._router = router
        self._catalog = models
        self._strict = strict
        self._questions = dict[tuple[object, ...], Question]()

    def find(self, model: str, via: Via) -> Resolution:
        """The card an id means; raises ``ModelNotFound``."""
        return self._catalog.resolve(
            model,
            strict=self._strict,
            surface=via.surface,
            method=via.method,
            api_version=via.api_version,
            parent=via.parent,
        )

    def plan(
        self,
        caller: Caller,
        request: GenerateRequest,
        found: Resolution | None,
        via: Via,
        *,
        readable: bool = False,
    ) -> Plan:
        """Where the request may go; ``readable`` is as in ``Sent``. Raises ``NoRoute``, and
        ``KeyRestricted`` where its key may not go there."""
        size, tier = request.image.image_size, request.service_tier or ServiceTier.STANDARD
        who = caller.project_id, caller.project_name, caller.project_number, caller.locations
        key = request.model, found and found.card.id, size, tier, who, via, readable
        question = self._questions.get(key)
        if question is None:
            question = self._question(caller, request, found, via, readable=readable)
            if len(self._questions) >= _MOST_QUESTIONS:
                self._questions.clear()
            self._questions[key] = question
        restrictions.check_model(caller, request.model, question.names)
        return restrictions.within(caller, self._router.plan(question))

    def find_and_plan(self, caller: Caller, sent: Sent, via: Via) -> tuple[Resolution | None, Plan]:
        """The card of a body's model, None for one that only an upstream may know, and where the
        body may go. Raises ``ModelNotFound``, and what ``plan`` raises."""
        asked = sent.asked
        found = self._known(asked.model, sent.dialect, via)
        try:
            plan = self.plan(caller, asked, found, via, readable=sent.readable)
        except NoRoute:
            if found is None:
                self.find(asked.model, via)  # raises: nobody knows it
            raise
        if found is None and not sent.readable:
            plan = self._spoken(plan, sent)
            if not plan.steps:
                self.find(asked.model, via)  # raises: only an upstream could know it
        return found, plan

    def speaks(self, step: Step, sent: Sent) -> bool:
        """Whether any engine of a step takes this body as it is."""
        return any(speaks(engine, step, sent) for engine in self._router.members(step.engine))

    def _known(self, model: str, dialect: Dialect, via: Via) -> Resolution | None:
        """The card of a model; None for one that the catalog lacks and an upstream may have."""
        try:
            return self.find(model, via)
        except ModelNotFound:
            if not self._router.speaks(dialect) or not _is_an_id(model):
                raise
            return None

    def _question(
        self,
        caller: Caller,
        request: GenerateRequest,
        found: Resolution | None,
        via: Via,
        *,
        readable: bool,
    ) -> Question:
        question = question_of(
            request.model,
            found.card if found else None,
            self._catalog,
            size=request.image.image_size,
            tier=request.service_tier or ServiceTier.STANDARD,
            projects=caller.names,
            location=via.location,
            surface=via.surface,
            bound=caller.locations,
        )
        if via.named:
            question = replace(question, asked=via.named, names=frozenset({via.named}))
        return replace(question, known=True) if readable else question

    def _spoken(self, plan: Plan, sent: Sent) -> Plan:
        """The plan without engines that would have to read a body that nobody here can read."""
        steps = tuple(step for step in plan.steps if self.speaks(step, sent))
        silent = [(step.engine, _SILENT) for step in plan.steps if step not in steps]
        return replace(plan, steps=steps, left_out=(*plan.left_out, *silent))


def _is_an_id(model: str) -> bool:
    """Whether this can be the id of a model that only an upstream knows. It becomes part of an
    address, where some server on the way might take it for steps to another one."""
    if not _ID.fullmatch(model):
        return False
    return not any(step in ("", ".", "..") for step in model.split("/"))
