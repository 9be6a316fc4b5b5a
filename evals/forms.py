"""Forms of the pages of imports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_stubs_ext import StrPromise

from accounts.forms import not_reserved, valid_source
from evals import readers
from evals.models import Feed, SavedMapping

MOST_FILES = 100

Upload = UploadedFile[Any]


class ReasonForm(forms.Form):
    """Why something is done: kept with what was done."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is kept with every score concerned and shown to readers."),
    )


class SeveralFiles(forms.ClearableFileInput):
    """A field for files that takes more than one."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """The files of one form, each within the largest size."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        # No file at all is one that is missing, which the field then says.
        files = list(data) or [None] if isinstance(data, list | tuple) else [data]
        if len(files) > MOST_FILES:
            raise ValidationError(
                ngettext(
                    "Send at most %(n)s file at a time.",
                    "Send at most %(n)s files at a time.",
                    MOST_FILES,
                )
                % {"n": MOST_FILES}
            )
        found = [super(FilesField, self).clean(file, initial) for file in files]
        for file in found:
            if file.size > settings.LARGEST_UPLOAD:
                raise ValidationError(
                    _("%(name)s is larger than %(n)s MB, the most that is taken here.")
                    % {"name": file.name, "n": settings.LARGEST_UPLOAD >> 20}
                )
        return found


class Grouped(forms.BaseForm):
    """A form whose fields are shown in groups, each with a heading."""

    GROUPS: ClassVar[Sequence[tuple[StrPromise, Sequence[str]]]] = ()

    def groups(self) -> Iterator[tuple[StrPromise, list[forms.BoundField]]]:
        """Each heading with its fields."""
        for legend, names in self.GROUPS:
            yield legend, [self[name] for name in names]


class DayInput(forms.DateInput):
    """A day as browsers take it in every language, with a calendar to choose from."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class LeftOut(forms.Form):
    """What the files of one sender leave out, where they do."""

    dated = forms.DateField(
        label=_("Date of results that have none"),
        required=False,
        widget=DayInput(),
        help_text=_("Runs of HELM and model cards do not say when they were measured."),
    )
    system = forms.CharField(
        label=_("System of results that name none"),
        max_length=300,
        required=False,
        help_text=_("A file of .eval_results names the model only by its repository."),
    )

    def clean_dated(self) -> Any:
        """A date that has come."""
        given = self.cleaned_data["dated"]
        if given and given > timezone.now().date():
            raise ValidationError(_("This date lies in the future."))
        return given


class UploadForm(Grouped, LeftOut):
    """Files of results, whose they are, and what they leave out."""

    GROUPS = (
        (_("What it is"), ("uploads", "source")),
        (_("What the files leave out"), ("dated", "system", "format")),
    )

    uploads = FilesField(label=_("Files"))
    source = forms.CharField(
        label=_("Source"),
        max_length=50,
        validators=[valid_source, not_reserved],
        initial="local",
        help_text=_("Whose results these are; corrections replace only those of the same source."),
    )
    format = forms.ChoiceField(
        label=_("Format"),
        required=False,
        help_text=_("Leave it to the content, unless you know better."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        formats = [(name, name) for name in sorted(readers.REGISTRY)]
        self.fields["format"].choices = [("", _("by its content")), *formats]  # type: ignore[attr-defined]


class FeedForm(forms.ModelForm[Feed], LeftOut):
    """A feed's address and schedule, and what its files leave out."""

    url = forms.URLField(label=_("Address"), max_length=1000, assume_scheme="https")
    source_name = forms.CharField(
        label=_("Source"), max_length=50, validators=[valid_source, not_reserved]
    )
    format = forms.ChoiceField(label=_("Format"), required=False)

    class Meta:
        model = Feed
        fields = [
            *("name", "url", "format", "mapping", "dated", "system", "every_minutes", "enabled"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        formats = [(name, name) for name in sorted(readers.REGISTRY) if name != readers.MAPPED]
        self.fields["format"].choices = [("", _("by its content")), *formats]  # type: ignore[attr-defined]
        self.fields["mapping"].queryset = SavedMapping.objects.all()  # type: ignore[attr-defined]
        self.fields["mapping"].empty_label = _("by its header")  # type: ignore[attr-defined]
        if self.instance.pk:
            self.fields["source_name"].initial = self.instance.source.slug
        self.order_fields(["name", "url", "source_name", "dated", "system", "format", "mapping"])


def choices_of(header: Sequence[str]) -> list[tuple[str, Any]]:
    """The columns of a table to choose from."""
    return [("", _("no column")), *((name, name) for name in header if name)]
