"""A person's own page: by a link from a mail, or by an account with a confirmed address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from alerts import rule_words, selectors, services, tokens, wording
from alerts.channels import CHANNELS
from alerts.forms import EndpointForm, OwnRuleForm
from alerts.models import Recipient, Subscription
from alerts.services import endpoints
from alerts.views.answers import THROTTLED, dead_link, send_soon, unlisted
from alerts.views.previewing import may_preview, preview
from baskets.models import OwnBasket
from baskets.selectors.own import visible

MUTED_FOR = dt.timedelta(days=30)
SHOWN = 50
AGAIN = 30
"""Messages that one recipient has sent again within an hour."""

CODES = [code for code, _name in settings.LANGUAGES]
Action = Callable[[HttpRequest, Recipient], str]


def own_address(user: User | AnonymousUser) -> str | None:
    """The confirmed address of whoever is signed in; None where there is none."""
    if not isinstance(user, User):
        return None
    confirmed = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    found = confirmed.first()
    return str(found.email) if found else None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def manage(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the recipient whom the link names."""
    try:
        recipient = selectors.recipient(tokens.read_manage_token(token))
    except tokens.TokenError as error:
        return dead_link(request, error)
    if recipient is None:
        return dead_link(request, tokens.TokenError())
    return _page(request, recipient)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """The page of whoever is signed in."""
    address = own_address(request.user)
    if not isinstance(request.user, User):
        return redirect(f"{reverse('account_login')}?next={reverse('alerts:mine')}")
    if address is None:
        messages.warning(request, _("Alerts go to a confirmed address. Confirm yours first."))
        return redirect("account_email")
    language = get_language() or "en"
    recipient = services.recipient_of(request.user, email=address, language=language)
    return _page(request, recipient, owns=visible().filter(owner=request.user))


def _page(
    request: HttpRequest, recipient: Recipient, *, owns: Iterable[OwnBasket] = ()
) -> HttpResponse:
    """What is set, and forms that change it; each form names what it does.

    owns: the own baskets of whoever is signed in. A link shows none: whoever has the mailbox of an
    address now need not be whose account it once was.
    """
    if request.method == "POST":
        name = request.POST.get("do", "")
        if name == "forget":
            services.forget_recipient(recipient)
            return redirect(reverse("alerts:index") + "?forgotten=1")
        if name in ACTIONS:
            return _done(request, ACTIONS[name](request, recipient))
    changed = _chosen(request, recipient)
    rule_form = _rule_form(request, recipient, changed)
    endpoint_form = EndpointForm(_given(request, "endpoint"))
    if rule_form.is_bound and rule_form.is_valid() and "preview" not in request.POST:
        return _done(request, _set_rule(rule_form, recipient, changed))
    if endpoint_form.is_bound and endpoint_form.is_valid() and _added(endpoint_form, recipient):
        return _done(request, _("The address was added. Now add a rule that goes there."))
    throttled = "preview" in request.POST and not may_preview(request)
    about = changed.rule.own_basket if changed else None
    context = {
        **_known(recipient),
        **({} if throttled else preview(rule_form, about)),
        "owns": owns,
        "throttled": throttled,
        "rule_form": rule_form,
        "changed": changed,
        "endpoint_form": endpoint_form,
    }
    refused = bool(rule_form.errors or endpoint_form.errors)
    status = THROTTLED if throttled else 400 if refused else 200
    return unlisted(render(request, "alerts/manage.html", context, status=status))


def _added(form: EndpointForm, recipient: Recipient) -> bool:
    """Whether the address was taken; if not, the form says why."""
    try:
        endpoints.add_endpoint(recipient, **form.cleaned_data)
    except endpoints.Refused as refused:
        form.add_error("url", str(refused))
        return False
    return True


def _given(request: HttpRequest, name: str) -> QueryDict | None:
    return request.POST if request.POST.get("do") == name else None


def _chosen(request: HttpRequest, recipient: Recipient) -> Subscription | None:
    """The rule that is to be changed: named by the address, or by the form that changes it."""
    posted = request.method == "POST"
    if posted and request.POST.get("do") != "change":
        return None
    number = _number(request) if posted else _digits(request.GET.get("rule", ""))
    standing = recipient.subscriptions.standing().select_related("rule__basket", "rule__own")
    found = standing.filter(pk=number, rule__isnull=False).first()
    if found is not None and found.rule.own_id is not None and found.rule.own_basket is None:
        # It is about a basket that is gone, and ends with the next sweep.
        found = None
    if found is None and (posted or "rule" in request.GET):
        raise Http404(_("You have no such rule."))
    return found


def _rule_form(
    request: HttpRequest, recipient: Recipient, changed: Subscription | None
) -> OwnRuleForm:
    given = _given(request, "add" if changed is None else "change")
    initial = OwnRuleForm.initial_of(changed) if changed else None
    of_own = changed is not None and changed.rule.own_id is not None
    return OwnRuleForm(given, initial=initial, recipient=recipient, of_own=of_own)


def _known(recipient: Recipient) -> dict[str, object]:
    standing = recipient.subscriptions.standing().select_related(
        "rule__basket", "rule__own", "endpoint"
    )
    told = selectors.told_to(recipient, limit=SHOWN)
    return {
        "section": "alerts",
        "recipient": recipient,
        "rules": [
            (one, rule_words.in_words(one.rule), CHANNELS[one.channel].label)
            for one in standing.order_by("pk")
        ],
        "endpoints": [(one, selectors.log_of(one, limit=10)) for one in recipient.endpoints.all()],
        "told": [
            (one.at, wording.describe(one.event), [CHANNELS[name].label for name in one.channels])
            for one in told
        ],
        "mail_languages": [(code, get_language_info(code)["name_local"]) for code in CODES],
        "now": timezone.now(),
        "muted_days": MUTED_FOR.days,
        "keep_days": services.kept_for().days,
    }


def _done(request: HttpRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect(request.path)


def _set_rule(form: OwnRuleForm, recipient: Recipient, changed: Subscription | None) -> str:
    way = {
        "cadence": form.cleaned_data["cadence"],
        "channel": form.cleaned_data["way"] if form.endpoint is None else "",
        "endpoint": form.endpoint,
    }
    if changed is not None:
        services.change_rule(changed, terms=form.terms, **way)
        return _("The rule was changed.")
    basket = selectors.official_basket()
    if basket is None:
        return _("There is no basket yet, so there is nothing to hear of.")
    try:
        services.add_rule(recipient, terms=form.terms, basket=basket, **way)
    except services.TooManyRules:
        return _("You have as many rules as there can be; end one first.")
    return _("The rule was added.")


def _number(request: HttpRequest) -> int:
    return _digits(request.POST.get("id", ""))


def _digits(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0


def _end(request: HttpRequest, recipient: Recipient) -> str:
    services.end_subscriptions(recipient.subscriptions.filter(pk=_number(request)))
    return _("The rule has ended.")


def _mute(request: HttpRequest, recipient: Recipient) -> str:
    rules = recipient.subscriptions.filter(pk=_number(request))
    services.mute_subscriptions(rules, until=timezone.now() + MUTED_FOR)
    return _("The rule is silent until you let it speak again, for at most %(days)s days.") % {
        "days": MUTED_FOR.days
    }


def _unmute(request: HttpRequest, recipient: Recipient) -> str:
    services.mute_subscriptions(recipient.subscriptions.filter(pk=_number(request)), until=None)
    return _("The rule speaks again.")


def _test(request: HttpRequest, recipient: Recipient) -> str:
    endpoint = get_object_or_404(recipient.endpoints, pk=_number(request))
    try:
        send_soon(endpoints.send_test(endpoint))
    except endpoints.Refused as refused:
        return str(refused)
    return _("A test message is on its way; the list of messages says how it ended.")


def _renew(request: HttpRequest, recipient: Recipient) -> str:
    try:
        endpoints.renew_secret(get_object_or_404(recipient.endpoints, pk=_number(request)))
    except endpoints.Refused as refused:
        return str(refused)
    return _("There is a new secret. For 24 hours messages are signed with the old one too.")


def _remove(request: HttpRequest, recipient: Recipient) -> str:
    get_object_or_404(recipient.endpoints, pk=_number(request)).delete()
    return _("The address and its rules were deleted.")


def _again(request: HttpRequest, recipient: Recipient) -> str:
    try:
        services.count_request(f"again {recipient.pk}", most=AGAIN, now=timezone.now())
    except services.TooManyRequests:
        return _("Too many requests")
    chosen = recipient.deliveries.filter(pk=_number(request), endpoint__isnull=False)
    for delivery in services.redeliver(chosen):
        send_soon(delivery)
    return _("The message is sent again, with the same id.")


def _speak(request: HttpRequest, recipient: Recipient) -> str:
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        return _("There is no such language; nothing was changed.")
    services.speak(recipient, language=language)
    return _("Messages are written in the language that you chose from now on.")


ACTIONS: dict[str, Action] = {
    "end": _end,
    "mute": _mute,
    "unmute": _unmute,
    "test": _test,
    "renew": _renew,
    "remove": _remove,
    "again": _again,
    "language": _speak,
}
