"""The evals room in the admin: facts can be added to, the record only read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin_rights import Audited, ByRight
from accounts.roles import ADD_EVALS, IMPORT_RESULTS, VIEW_IMPORTS
from evals.models import (
    Alias,
    AliasEvent,
    Decision,
    DecisionEvent,
    Developer,
    Domain,
    Eval,
    Feed,
    FeedAttempt,
    Flag,
    FlagEvent,
    Generation,
    HeldRow,
    ImportRun,
    Rejection,
    SavedMapping,
    Score,
    Source,
    System,
    WatchedFile,
)
from evals.services.held import resolve_held_rows
from evals.services.identity import said_by
from evals.signals import scores_changed


class RecordAdmin(ByRight):
    """Rows of the record: written by imports, never by hand."""

    sees = (VIEW_IMPORTS,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class FactAdmin(Audited, ByRight):
    """Facts that scores refer to: added and corrected, never deleted from under a score.

    A new name may explain held rows, and a corrected fact changes the index: both are seen to.
    """

    counted = False
    sees = (VIEW_IMPORTS,)
    edits = (ADD_EVALS,)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if self.counted:
            resolve_held_rows()
        if self.counted and change and form.changed_data:
            scores_changed.send(sender=type(obj), cause=f"facts of {obj} corrected")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Scores are known by the slug: it is given once.
        return ["slug"] if self.counted and obj is not None else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Developer)
class DeveloperAdmin(FactAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]


@admin.register(Generation)
class GenerationAdmin(FactAdmin):
    list_display = ["name", "developer"]
    list_select_related = ["developer"]
    search_fields = ["name"]


@admin.register(System)
class SystemAdmin(FactAdmin):
    counted = True
    list_display = ["name", "developer", "generation", "released_on"]
    list_filter = ["developer"]
    list_select_related = ["developer", "generation"]
    search_fields = ["name", "slug"]
    date_hierarchy = "released_on"

    def audit_of(self, obj: System) -> list[QuerySet[Any, Any]]:
        """The names by which it goes."""
        return [AliasEvent._base_manager.filter(system_id=obj.pk)]


@admin.register(Domain)
class DomainAdmin(FactAdmin):
    list_display = ["name", "slug", "position"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Published weights and releases name a domain by its slug.
        return ["slug"] if obj is not None else []


@admin.register(Eval)
class EvalAdmin(FactAdmin):
    """What an eval measures is fixed once it has scores; a change of it is another eval."""

    counted = True
    list_display = ["name", "domain", "subdomain", "unit", "scale", "floor", "ceiling"]
    list_filter = ["domain", "scale"]
    list_select_related = ["domain"]
    search_fields = ["name", "slug"]

    def audit_of(self, obj: Eval) -> list[QuerySet[Any, Any]]:
        """Its facts, the doubts about it, and the names by which it goes."""
        return [
            *super().audit_of(obj),
            FlagEvent._base_manager.filter(eval_id=obj.pk),
            AliasEvent._base_manager.filter(eval_id=obj.pk),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Eval | None = None) -> list[str]:
        if obj is None or not obj.scores.exists():
            return super().get_readonly_fields(request, obj)
        return ["slug", "domain", "subdomain", "scale", "direction"]


@admin.register(Flag)
class FlagAdmin(ByRight):
    """Doubts about evals: raised and cleared by adding a row, never by changing one."""

    sees = (VIEW_IMPORTS,)
    edits = (ADD_EVALS,)

    list_display = ["eval", "kind", "raised", "since", "reason"]
    list_filter = ["kind", "raised"]
    list_select_related = ["eval"]
    autocomplete_fields = ["eval"]

    def save_model(self, request: HttpRequest, obj: Flag, form: Any, change: bool) -> None:
        assert request.user.is_authenticated
        obj.by = request.user
        super().save_model(request, obj, form, change)
        deed = "raised" if obj.raised else "cleared"
        scores_changed.send(sender=Flag, cause=f"flag {obj.kind} of {obj.eval} {deed}")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Source)
class SourceAdmin(FactAdmin):
    list_display = ["name", "slug", "licence"]


@admin.register(ImportRun)
class ImportRunAdmin(RecordAdmin):
    """What every import came to."""

    list_display = ["id", "name", "source", "state", "read", "accepted", "duplicate", "held",
                    "rejected", "finished_at", "withdrawn_at", "error"]  # fmt: skip
    list_filter = ["state", "source", ("withdrawn_at", admin.EmptyFieldListFilter)]
    list_select_related = ["source"]


@admin.register(Score)
class ScoreAdmin(Audited, RecordAdmin):
    """Scores as their sources state them, with what people decided about each."""

    list_display = ["system", "eval", "value", "elicitation", "observed_on", "import_run", "line"]
    list_filter = ["eval__domain", "reported_by"]
    list_select_related = ["system", "eval", "import_run"]
    search_fields = ["system__name", "eval__name"]
    show_full_result_count = False

    def audit_of(self, obj: Score) -> list[QuerySet[Any, Any]]:
        """What people decided about it; what programs did is among its decisions."""
        return [DecisionEvent._base_manager.filter(score_id=obj.pk)]


@admin.register(Decision)
class DecisionAdmin(RecordAdmin):
    """What became of each score."""

    list_display = ["score", "status", "reason", "at", "by"]
    list_filter = ["status"]
    list_select_related = ["score", "by"]
    show_full_result_count = False


@admin.register(Rejection)
class RejectionAdmin(RecordAdmin):
    """Rows that could not be used, with the reason."""

    list_display = ["import_run", "line", "reason"]
    list_select_related = ["import_run"]


@admin.register(HeldRow)
class HeldRowAdmin(RecordAdmin):
    """Rows that wait for somebody to say what their names mean."""

    list_display = ["system_name", "eval_name", "reason", "import_run", "line", "resolved"]
    list_filter = [("resolution", admin.EmptyFieldListFilter)]
    list_select_related = ["import_run", "resolution"]

    @admin.display(boolean=True, description=_("resolved"))
    def resolved(self, row: HeldRow) -> bool:
        return hasattr(row, "resolution")


@admin.register(Alias)
class AliasAdmin(Audited, ByRight):
    """A saved alias resolves at once every held row that it explains.

    A new one that leaves out how the system was run takes it from the name; it can be emptied then.
    """

    sees = (VIEW_IMPORTS,)
    edits = (IMPORT_RESULTS,)
    list_display = ["name", "system", "eval", "elicitation"]
    list_select_related = ["system", "eval"]
    search_fields = ["name"]
    autocomplete_fields = ["system", "eval"]
    fields = ["name", "system", "eval", "elicitation"]

    def save_model(self, request: HttpRequest, obj: Alias, form: Any, change: bool) -> None:
        if not change and obj.system is not None and not obj.elicitation:
            _rest, obj.elicitation = said_by(obj.name, obj.system)
        super().save_model(request, obj, form, change)
        resolved = resolve_held_rows()
        if resolved:
            text = ngettext(
                "%(n)s held row became a score.", "%(n)s held rows became scores.", resolved
            )
            self.message_user(request, text % {"n": resolved}, messages.SUCCESS)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alias]:
        return super().get_queryset(request).order_by("name")


@admin.register(SavedMapping)
class SavedMappingAdmin(admin.ModelAdmin[SavedMapping]):
    """What the columns of tables mean; made by the guided form, which tries it on a file."""

    list_display = ["name", "created_by", "created_at"]
    list_select_related = ["created_by"]
    readonly_fields = ["header", "mapping"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Feed)
class FeedAdmin(admin.ModelAdmin[Feed]):
    """Addresses that are asked on a schedule."""

    list_display = ["name", "url", "source", "every_minutes", "enabled", "failures", "next_at"]
    list_select_related = ["source"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Its attempts are on record: it is switched off instead.
        return False


@admin.register(FeedAttempt)
class FeedAttemptAdmin(RecordAdmin):
    """What came of asking each feed."""

    list_display = ["feed", "at", "outcome", "size", "import_run", "reason"]
    list_filter = ["outcome", "feed"]
    list_select_related = ["feed", "import_run"]


@admin.register(WatchedFile)
class WatchedFileAdmin(RecordAdmin):
    """Files in watched folders as they were seen last."""

    list_display = ["path", "folder", "size", "settled", "import_run", "reason"]
    list_select_related = ["import_run"]
