"""The names of subdomains in the reader's language; a name that is not known stays as it is."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

SUBDOMAINS = frozenset(
    {
        gettext_noop("agents & computer use"),
        gettext_noop("coding"),
        gettext_noop("knowledge work"),
        gettext_noop("long context"),
        gettext_noop("math"),
        gettext_noop("reasoning"),
        gettext_noop("research acceleration"),
        gettext_noop("science"),
        gettext_noop("agentic safety / prompt injection"),
        gettext_noop("bias"),
        gettext_noop("calibration"),
        gettext_noop("composite risk index"),
        gettext_noop("dangerous capability (bio)"),
        gettext_noop("dangerous capability (cyber)"),
        gettext_noop("hallucination/factuality"),
        gettext_noop("misuse/jailbreak robustness"),
        gettext_noop("misuse/jailbreak robustness (agentic)"),
        gettext_noop("misuse/refusals"),
        gettext_noop("misuse/refusals (agentic)"),
        gettext_noop("over-refusal"),
        gettext_noop("user wellbeing"),
        gettext_noop("CoT faithfulness/monitorability"),
        gettext_noop("auditing games"),
        gettext_noop("evaluation awareness"),
        gettext_noop("honesty/deception"),
        gettext_noop("instruction hierarchy/steerability"),
        gettext_noop("reward hacking"),
        gettext_noop("scheming/alignment faking"),
        gettext_noop("sycophancy"),
    }
)


def subdomain_name(name: str) -> str:
    """The subdomain as the reader's language calls it."""
    return gettext(name) if name in SUBDOMAINS else name
