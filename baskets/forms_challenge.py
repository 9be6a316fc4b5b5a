"""The form that questions a weight."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from baskets.models import Challenge
from baskets.models.challenges import LONGEST_NAME, LONGEST_QUESTION

SHORTEST = 20


class ChallengeForm(forms.Form):
    """What is doubted and why; a name only where the asker gives one."""

    question = forms.CharField(
        label=_("What do you question, and why?"),
        min_length=SHORTEST,
        max_length=LONGEST_QUESTION,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    name = forms.CharField(
        label=_("Your name, if you want it shown"),
        max_length=LONGEST_NAME,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class AnswerForm(forms.ModelForm[Challenge]):
    """A steward's answer, or the reason why the question is hidden."""

    class Meta:
        model = Challenge
        fields = ("answer", "hidden_reason")
