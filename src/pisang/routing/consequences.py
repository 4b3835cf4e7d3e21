"""What follows from each thing that can be wrong with an upstream: one row of a table for each.

``attempts.py`` and ``health.py`` do what the rows say, the documentation prints them. Three rules
stand behind them:

* Money is never spent on hope. Who has no credit, no billing or no key that works is taken *out*
  until a person lets it back in; nothing asks for credit again by itself, and for a key only where
  there is nobody else to ask.
* A request that is itself at fault makes nobody sick, and no other engine is asked to take what
  one has refused for its content.
* An answer that was finished is an answer: whether to ask again is up to the caller.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

from pisang.core.errors import (
    EngineBillingStopped,
    EngineGarbled,
    EngineMisconfigured,
    EngineOverloaded,
    EngineRateLimited,
    EngineRejected,
    EngineTimeout,
    EngineUnavailable,
    Fault,
)
from pisang.routing.diagnosis import Diagnosis, Kind, Row, Scope

_MINUTES: Final = 60.0

# Families of rows, so that each row says only what is its own.
_unpaid: Final = partial(
    Row, fault=Fault.OPERATOR, out=True, alarm=True, error=EngineBillingStopped
)
_misconfigured: Final = partial(Row, fault=Fault.OPERATOR, alarm=True, error=EngineMisconfigured)
_weather: Final = partial(Row, fault=Fault.UPSTREAM, retry=True)
_refused: Final = partial(
    Row, fault=Fault.CALLER, scope=Scope.REQUEST, fail_over=False, error=EngineRejected
)
_finished: Final = partial(Row, scope=Scope.REQUEST, fail_over=False, charged=True, error=None)

TABLE: Final[Mapping[Kind, Row]] = {
    Kind.BILLING_STOPPED: _unpaid(
        what="the prepaid balance of the upstream account is used up",
        scope=Scope.KEY,
        advice="Buy credit for the account of this key (Google: AI Studio, Billing), switch on "
        "automatic reload there, then let it back in with `pisang routes test --server URL`.",
    ),
    Kind.SPENDING_CAP: _unpaid(
        what="the account or project has reached its spending cap",
        scope=Scope.KEY,
        advice="Raise the cap of the project or billing account, or wait for the next month, then "
        "let the key back in with `pisang routes test --server URL`.",
    ),
    Kind.NOT_BILLED: _unpaid(
        what="no billing account is linked to the project of this key",
        scope=Scope.KEY,
        advice="Link a billing account to the project of this key (Google: AI Studio, or Billing "
        "in the Cloud console), then let it back in with `pisang routes test --server URL`.",
    ),
    Kind.NO_QUOTA: _unpaid(
        what="the limit of this key for this model is 0 (the free tier makes no images)",
        scope=Scope.MODEL,
        advice="Use a key of a project with billing: image models have no free tier. On Vertex AI "
        "ask for quota in the Cloud console. Then let it back in with "
        "`pisang routes test --server URL`.",
    ),
    Kind.SPENDING_RATE: Row(
        what="more was spent in ten minutes than the usage tier allows",
        fault=Fault.UPSTREAM,
        scope=Scope.KEY,
        delay=10 * _MINUTES,
        alarm=True,
        error=EngineRateLimited,
        advice="Wait ten minutes. To spend faster, move the project to a higher usage tier or add "
        "an engine to the route.",
    ),
    Kind.RATE_DAY: Row(
        what="a limit per day is used up",
        fault=Fault.UPSTREAM,
        scope=Scope.MODEL,
        delay=10 * _MINUTES,
        alarm=True,
        error=EngineRateLimited,
        advice="Google's days end at midnight in California. Until then use another engine, or a "
        "key of another project; for more a day, move the project to a higher usage tier.",
    ),
    Kind.RATE_MINUTE: _weather(
        what="a limit per minute is used up (requests, input tokens or images)",
        scope=Scope.MODEL,
        error=EngineRateLimited,
        advice="Wait for as long as is said, or send less at once. If it comes often, add a key of "
        "another project, add an engine to the route, or move to a higher usage tier.",
    ),
    Kind.RATE_LIMIT: _weather(
        what="a limit is used up, and it is not said which",
        scope=Scope.MODEL,
        error=EngineRateLimited,
        advice="Wait for as long as is said, or half a minute. Look up the limits of the account "
        "(Google: AI Studio, Rate limit) and add a key or an engine if it comes often.",
    ),
    Kind.PROVISIONED: _weather(
        what="the provisioned throughput is used up, and the request may use nothing else",
        scope=Scope.REQUEST,
        fail_over=False,
        error=EngineRateLimited,
        advice="Send the request without `X-Vertex-AI-LLM-Request-Type: dedicated`, so that it may "
        "spill over to pay-as-you-go, or buy more scale units.",
    ),
    Kind.CAPACITY: _weather(
        what="capacity that all customers share is used up; no limit of ours is",
        scope=Scope.MODEL,
        error=EngineOverloaded,
        advice="Nothing to mend: pisang tries again, then elsewhere. If it stays, use the global "
        "location, add an engine to the route, or buy provisioned throughput.",
    ),
    Kind.OVERLOADED: _weather(
        what="the model is overloaded or briefly not available (flex: there is no spare room)",
        scope=Scope.MODEL,
        error=EngineUnavailable,
        advice="Nothing to mend: pisang tries again, then elsewhere. If it stays, look at the "
        "upstream's status page, and at the service tier: flex is shed first.",
    ),
    Kind.BAD_KEY: _misconfigured(
        what="the upstream does not know the API key of the engine, or revoked it",
        scope=Scope.KEY,
        out=True,
        advice="Replace this key in `api_keys` of the engine, then let it back in with "
        "`pisang routes test --server URL`. It is the operator's key: the caller's own is fine.",
    ),
    Kind.NO_KEY: _misconfigured(
        what="the upstream says that no credential came with the request",
        scope=Scope.KEY,
        delay=5 * _MINUTES,
        advice="Set `api_keys` or `credentials` of the engine; if they are set, a proxy between "
        "here and the upstream drops the header.",
    ),
    Kind.TOKEN_REFUSED: _misconfigured(
        what="the upstream does not take the access token, or the key, and does not say why",
        scope=Scope.KEY,
        delay=_MINUTES,
        advice="Look at `credentials` or `api_keys` of the engine: is the account there, its key "
        "not deleted, does this host's clock run right? Vertex AI takes no AI Studio key.",
    ),
    Kind.NO_CREDENTIALS: _misconfigured(
        what="no access token could be had for the engine's account; nothing was asked",
        scope=Scope.ENGINE,
        delay=_MINUTES,
        advice="Look at `credentials` of the engine: does the file exist and is it a service "
        "account's, is the account there still, can the token endpoint be reached?",
    ),
    Kind.KEY_DENIED: _misconfigured(
        what="the credential is good, but may not use this model or service",
        scope=Scope.MODEL,
        delay=5 * _MINUTES,
        advice="Give the account the role Vertex AI User, or lift the restrictions of the key "
        "(APIs, addresses, referrers); at OpenAI the organisation may have to be verified.",
    ),
    Kind.DENIED: Row(
        what="something is denied or not found, and it is not said what: the model, or a file",
        fault=Fault.OPERATOR,
        scope=Scope.REQUEST,
        error=EngineMisconfigured,
        advice="If only some requests end so, look at the files and links that they name. If all "
        "do, the account may not use the model: look at its roles.",
    ),
    Kind.API_DISABLED: _misconfigured(
        what="the API is not switched on in the project",
        scope=Scope.KEY,
        delay=5 * _MINUTES,
        advice="Enable the API that the message names in the Cloud console of that project; it "
        "takes some minutes to be known everywhere.",
    ),
    Kind.PROJECT_DENIED: _misconfigured(
        what="the project or account is suspended, or denied access",
        scope=Scope.KEY,
        out=True,
        advice="Write to the upstream's support; meanwhile take the key out of the engine. After "
        "that let it back in with `pisang routes test --server URL`.",
    ),
    Kind.REGION: _misconfigured(
        what="the upstream serves nobody where this server, or its project, is",
        scope=Scope.ENGINE,
        delay=10 * _MINUTES,
        advice="Run pisang in a country that the upstream serves, give the engine a `base_url` "
        "that leads there, or use Vertex AI with a `location`.",
    ),
    Kind.MODEL_GONE: _misconfigured(
        what="the upstream has shut this model down, or closed it to new users",
        scope=Scope.MODEL,
        delay=10 * _MINUTES,
        advice="Set `upstream_model` of the route to the successor that the message names.",
    ),
    Kind.MODEL_NOT_FOUND: Row(
        what="the upstream has no such model, or not for this account, method or location",
        fault=Fault.OPERATOR,
        scope=Scope.MODEL,
        delay=_MINUTES,
        error=EngineMisconfigured,
        advice="Look at `model` and `upstream_model` of the route, and at `location` of the "
        "engine: not every location has every model.",
    ),
    Kind.WRONG_ADDRESS: _misconfigured(
        what="something is at this address, but not this API",
        scope=Scope.ENGINE,
        delay=_MINUTES,
        advice="Look at `base_url` of the engine: is the version doubled or missing (`/v1`), and "
        "is its `kind` right?",
    ),
    Kind.LOOP: _misconfigured(
        what="the address leads back to this very server, maybe by way of another one",
        scope=Scope.ENGINE,
        delay=10 * _MINUTES,
        advice="Set `base_url` of the engine to the upstream itself. If it is, look where its host "
        "name and the proxies on the way really lead.",
    ),
    Kind.REDIRECTED: _misconfigured(
        what="the address leads to another one; no key is sent after a redirect",
        scope=Scope.ENGINE,
        delay=5 * _MINUTES,
        advice="Set `base_url` of the engine to where the redirect leads: often `https://` in "
        "place of `http://`, or a host with `www.`.",
    ),
    Kind.BLOCKED_BY_PROXY: _misconfigured(
        what="a proxy or firewall on the way refused, not the upstream itself",
        scope=Scope.ENGINE,
        delay=_MINUTES,
        advice="Ask whoever runs the proxy in front of the upstream to let this server's address "
        "through; look at `base_url` of the engine.",
    ),
    Kind.FILE_DENIED: _refused(
        what="the request names a file that the upstream does not have, or not for this key",
        advice="Upload the file again and use its new name, or send the picture inside the "
        "request; files of one project are not seen by keys of another.",
    ),
    Kind.TOO_LARGE: Row(
        what="the request is larger than the upstream, or a proxy before it, takes",
        fault=Fault.CALLER,
        scope=Scope.REQUEST,
        error=EngineRejected,
        advice="Send fewer or smaller reference pictures, or name files instead of sending them "
        "inline.",
    ),
    Kind.REFUSED: _refused(
        what="the upstream refuses the content of the request, and says so by an error",
        advice="Change the prompt or the reference pictures; sending them again unchanged will "
        "not help.",
    ),
    Kind.EMPTY: Row(
        what="the upstream reports a success and delivers nothing: no picture, no word, no reason",
        fault=Fault.CALLER,
        scope=Scope.REQUEST,
        error=EngineRejected,
        advice="Ask for a picture in so many words, or say it in other words: most often a server "
        "on the way swallowed a refusal. Whoever runs that server may know why.",
    ),
    Kind.BAD_REQUEST: _refused(
        what="the upstream does not take a request like this",
        advice="Change what the message names; sending it again unchanged will not help.",
    ),
    Kind.INTERNAL: _weather(
        what="the upstream broke while it worked",
        scope=Scope.MODEL,
        error=EngineUnavailable,
        advice="Nothing to mend: pisang tries again, then elsewhere. If one request always fails "
        "so, it is the request: make it shorter, or leave out pictures.",
    ),
    Kind.DEADLINE: Row(
        what="the upstream did not finish within the time that it was given",
        fault=Fault.UPSTREAM,
        scope=Scope.MODEL,
        error=EngineTimeout,
        advice="Give it longer (`X-Server-Timeout`, or the timeout of the client): 4K and the flex "
        "tier take minutes. Or ask for a smaller picture.",
    ),
    Kind.BAD_GATEWAY: _weather(
        what="a proxy before the upstream got no good answer from it",
        scope=Scope.ENGINE,
        error=EngineUnavailable,
        advice="Nothing to mend at first. If it stays, the server behind `base_url` is down, or "
        "its proxy gives up sooner than a picture takes.",
    ),
    Kind.ORIGIN_DOWN: _weather(
        what="Cloudflare cannot reach the server behind it (HTTP 520 to 527, 530)",
        scope=Scope.ENGINE,
        error=EngineUnavailable,
        advice="Ask whoever runs the upstream. 524 means that it took longer than 100 seconds: "
        "Cloudflare gives up then, and only streaming helps.",
    ),
    Kind.NO_SUCH_HOST: _misconfigured(
        what="the host name of the upstream leads nowhere",
        scope=Scope.ENGINE,
        delay=30,
        error=EngineUnavailable,
        advice="Look at the host in `base_url` (and `location`) of the engine, and at the name "
        "server of this host.",
    ),
    Kind.UNREACHABLE: _weather(
        what="nobody answers at the address of the upstream",
        scope=Scope.ENGINE,
        error=EngineUnavailable,
        advice="Is the server behind `base_url` running, is the port right, and does a firewall "
        "let this host out?",
    ),
    Kind.TLS: _misconfigured(
        what="the certificate of the upstream is not to be trusted",
        scope=Scope.ENGINE,
        delay=_MINUTES,
        error=EngineUnavailable,
        advice="Has the certificate ended, is it for another host, or made by an authority that "
        "this host does not know (a company's proxy)? Nothing was sent.",
    ),
    Kind.RESET: _weather(
        what="the connection broke before an answer began",
        scope=Scope.ENGINE,
        error=EngineUnavailable,
        advice="Nothing to mend if it is rare. If it is not, something on the way cuts connections "
        "that are quiet for long, as they are while a picture is made.",
    ),
    Kind.TIMEOUT: Row(
        what="nothing came within the time there was",
        fault=Fault.UPSTREAM,
        scope=Scope.MODEL,
        error=EngineTimeout,
        advice="Give it longer (`X-Server-Timeout`, or the timeout of the client): 4K and the flex "
        "tier take minutes. The upstream may charge for the picture all the same.",
    ),
    Kind.TRUNCATED: _weather(
        what="the answer began and stopped short",
        scope=Scope.ENGINE,
        error=EngineGarbled,
        advice="Nothing to mend if it is rare. If it is not, a proxy on the way limits the size or "
        "the time of answers: a 4K picture is 25 MB. The upstream may have charged for it.",
    ),
    Kind.GARBLED: _weather(
        what="the answer is whole, and is none: no JSON, or not of this API",
        scope=Scope.ENGINE,
        alarm=True,
        error=EngineGarbled,
        advice="Look at `base_url`, `kind` and `profile` of the engine, and at what a proxy on the "
        "way puts in the place of answers (a sign-in page?).",
    ),
    Kind.UNUSABLE: Row(
        what="the answer is whole, and the picture in it cannot be read or fetched",
        fault=Fault.OPERATOR,
        scope=Scope.REQUEST,
        alarm=True,
        error=EngineGarbled,
        advice="Look at `profile` of the engine, and at its `hosts` where its pictures are links. "
        "The upstream has charged for the picture, so it is not asked again.",
    ),
    Kind.FINISHED: _finished(
        what="the answer is as it should be", fault=Fault.UPSTREAM, advice="Nothing to do."
    ),
    Kind.PROMPT_BLOCKED: _finished(
        what="the prompt was refused as such, before anything was made of it",
        fault=Fault.CALLER,
        advice="Change the prompt or the reference pictures.",
    ),
    Kind.PICTURE_BLOCKED: _finished(
        what="the picture was made, or begun, and held back by a safety filter",
        fault=Fault.CALLER,
        advice="Say it in other words, without what the filter may object to: real people, "
        "violence, bare skin, marks of others. Thoughts and prompt are charged, the picture not.",
    ),
    Kind.TEXT_BLOCKED: _finished(
        what="the answer was stopped by a filter of its text",
        fault=Fault.CALLER,
        advice="Change the prompt: its words, or those that it asks for, are on a list or harmful.",
    ),
    Kind.RECITATION: _finished(
        what="the answer was too much like something that others own",
        fault=Fault.CALLER,
        advice="Ask for something of its own rather than for a known picture, person or mark.",
    ),
    Kind.NO_IMAGE: _finished(
        what="the model made no picture, because the prompt asks for none, or it would not",
        fault=Fault.CALLER,
        advice="Ask for a picture in so many words (`Draw ...`). Flash models answer so to "
        "forbidden prompts too, where Pro says `IMAGE_SAFETY`.",
    ),
    Kind.IMAGE_OTHER: _finished(
        what="the picture could not be made, for a reason that has no word",
        fault=Fault.UPSTREAM,
        advice="Send it again: it often passes the second time. If it does not, say less at once "
        "or leave out a reference picture.",
    ),
    Kind.MAX_TOKENS: _finished(
        what="the answer reached `maxOutputTokens` before it had a picture",
        fault=Fault.CALLER,
        advice="Raise `maxOutputTokens` or leave it out: a picture is 1,120 tokens and more, and "
        "thoughts count too.",
    ),
    Kind.UNSUPPORTED_LANGUAGE: _finished(
        what="the model does not know the language of the prompt",
        fault=Fault.CALLER,
        advice="Write the prompt in another language.",
    ),
    Kind.STOPPED: _finished(
        what="the answer stopped for a reason that has no word",
        fault=Fault.UPSTREAM,
        advice="Send it again; if it stops again, change the prompt.",
    ),
}


def diagnosis(kind: Kind, *, delay: float | None = None, quota_id: str = "") -> Diagnosis:
    """The row of ``kind``, with what this very symptom said."""
    row = TABLE[kind]
    return Diagnosis(
        kind=kind,
        fault=row.fault,
        retry=row.retry,
        delay=row.delay if delay is None or row.out else delay,
        fail_over=row.fail_over,
        scope=row.scope,
        out=row.out,
        alarm=row.alarm,
        charged=row.charged,
        advice=row.advice,
        quota_id=quota_id,
    )
