"""The form that questions a weight."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
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
    """A steward's answer, or the reason why the question is hidden.

    A post that began from what another steward has replaced since is refused once, with what is
    stored now beside what was typed.
    """

    began_from = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Challenge
        fields = ("answer", "hidden_reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["began_from"] = self.instance.edition
        self.stored = self.instance.answer, self.instance.hidden_reason

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("began_from") == self.instance.edition:
            return super().clean() or self.cleaned_data
        # The next post of the form begins from what is shown now.
        self.data = {**dict(self.data.items()), "began_from": str(self.instance.edition)}
        answer, hidden = (text or "–" for text in self.stored)
        raise forms.ValidationError(
            [
                gettext("Another steward has saved this question since you opened it."),
                gettext("Answer, as it is stored now: %(text)s") % {"text": answer},
                gettext("Hidden because, as it is stored now: %(text)s") % {"text": hidden},
                gettext("Nothing of yours was saved yet. Save again to keep what you typed."),
            ]
        )
