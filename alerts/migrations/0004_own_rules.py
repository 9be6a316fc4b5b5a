"""Rules on readers' own baskets, every secret that still signs, the age of what has ended."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

# The application's role may not delete from these tables. A cascade acts as their owner, so a row
# goes when its own basket does, and in no other way.
CASCADES = """
ALTER TABLE alerts_event ADD CONSTRAINT event_of_own FOREIGN KEY (own_id)
    REFERENCES baskets_ownbasket (id) ON DELETE CASCADE;
ALTER TABLE alerts_ownexamination ADD CONSTRAINT own_examination_of FOREIGN KEY (own_release_id)
    REFERENCES baskets_ownrelease (id) ON DELETE CASCADE;
"""
UNDONE = """
ALTER TABLE alerts_ownexamination DROP CONSTRAINT own_examination_of;
ALTER TABLE alerts_event DROP CONSTRAINT event_of_own;
"""


def keep_secrets(apps, schema_editor):
    """A secret of before that still signs goes on signing."""
    endpoints = apps.get_model("alerts", "Endpoint").objects.using(schema_editor.connection.alias)
    for endpoint in endpoints.exclude(old_secret="").filter(old_secret_until__isnull=False):
        old = {"secret": endpoint.old_secret, "until": endpoint.old_secret_until.isoformat()}
        endpoints.filter(pk=endpoint.pk).update(old_secrets=[old])


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0003_recipients'),
        ('baskets', '0012_own_baskets'),
        ('evals', '0014_audit_of_domains'),
    ]

    operations = [
        migrations.CreateModel(
            name='OwnExamination',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('outcome', models.CharField(choices=[('reconstructed', 'reconstructed history, never told'), ('first', 'first release, nothing to compare it with'), ('remeasured', 'weights, links or method changed, not told as progress'), ('quiet', 'nothing happened'), ('moved', 'something happened')], max_length=20)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='event',
            name='event_once',
        ),
        migrations.AddField(
            model_name='endpoint',
            name='old_secrets',
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
        migrations.RunPython(keep_secrets, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='endpoint',
            name='old_secret',
        ),
        migrations.RemoveField(
            model_name='endpoint',
            name='old_secret_until',
        ),
        migrations.AddField(
            model_name='event',
            name='own',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='baskets.ownbasket'),
        ),
        migrations.AddField(
            model_name='rule',
            name='own',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='baskets.ownbasket', to_field='public_id'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='kind',
            field=models.CharField(choices=[('confirm', 'confirmation'), ('manage', 'link to manage'), ('alert', 'alert'), ('daily', 'daily digest'), ('weekly', 'weekly digest'), ('test', 'test'), ('ended', 'rule that ended')], max_length=10),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state__in', ['sent', 'failed', 'dropped'])), fields=['created_at'], name='delivery_ended'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(condition=models.Q(('own__isnull', False)), fields=['own'], name='event_by_own'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.UniqueConstraint(condition=models.Q(('release__isnull', False)), fields=('release', 'own', 'kind', 'series', 'system', 'eval', 'version'), name='event_once', nulls_distinct=False),
        ),
        migrations.AddField(
            model_name='ownexamination',
            name='own_release',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='examination', to='baskets.ownrelease'),
        ),
        migrations.RunSQL(CASCADES, UNDONE),
    ]
