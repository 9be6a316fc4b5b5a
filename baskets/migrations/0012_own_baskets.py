"""Readers' own baskets; their versions and releases go with them, by the database's own cascade."""

import baskets.models.own
import django.db.models.deletion
import django.utils.timezone
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


# The application's role may not delete from these tables. A cascade acts as their owner, so a row
# goes when its own basket does, and in no other way.
CASCADES = """
ALTER TABLE baskets_ownversion ADD CONSTRAINT own_version_of FOREIGN KEY (own_id)
    REFERENCES baskets_ownbasket (id) ON DELETE CASCADE;
ALTER TABLE baskets_ownrelease ADD CONSTRAINT own_release_of FOREIGN KEY (own_id)
    REFERENCES baskets_ownbasket (id) ON DELETE CASCADE;
ALTER TABLE baskets_ownrelease ADD CONSTRAINT own_release_by FOREIGN KEY (version_id)
    REFERENCES baskets_ownversion (id) ON DELETE CASCADE;
"""
UNDONE = """
ALTER TABLE baskets_ownrelease DROP CONSTRAINT own_release_by;
ALTER TABLE baskets_ownrelease DROP CONSTRAINT own_release_of;
ALTER TABLE baskets_ownversion DROP CONSTRAINT own_version_of;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('baskets', '0011_bind_wider'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OwnBasket',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=baskets.models.own.new_id, editable=False, max_length=16, unique=True)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('hidden_reason', models.TextField(blank=True, help_text='Why nobody may see it. Its owner reads this.', verbose_name='hidden because')),
                ('hidden_at', models.DateTimeField(blank=True, null=True)),
                ('basket', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='own_baskets', to='baskets.basket')),
                ('forked_from', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='forks', to='baskets.ownbasket')),
                ('hidden_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='own_baskets', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
            ],
            options={
                'verbose_name': 'own basket of a reader',
                'verbose_name_plural': 'own baskets of readers',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='OwnBasketEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(null=True)),
                ('public_id', models.CharField(default=baskets.models.own.new_id, editable=False, max_length=16)),
                ('hidden_reason', models.TextField(blank=True, help_text='Why nobody may see it. Its owner reads this.', verbose_name='hidden because')),
                ('hidden_at', models.DateTimeField(blank=True, null=True)),
                ('hidden_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='baskets.ownbasket')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='OwnChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='OwnVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('adjustments', models.JSONField()),
                ('effective_on', models.DateField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('anchor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='baskets.release')),
                ('own', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='versions', to='baskets.ownbasket')),
            ],
            options={
                'ordering': ['own', 'number'],
            },
        ),
        migrations.CreateModel(
            name='OwnRelease',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reconstructed', models.BooleanField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('engine_version', models.CharField(max_length=20)),
                ('refusal', models.CharField(blank=True, max_length=40)),
                ('summary', models.JSONField()),
                ('sha256', models.CharField(max_length=64)),
                ('content', models.BinaryField()),
                ('own', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='releases', to='baskets.ownbasket')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='baskets.release')),
                ('version', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='baskets.ownversion')),
            ],
            options={
                'ordering': ['own', '-release__number'],
            },
        ),
        migrations.CreateModel(
            name='OwnWork',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('pending', 'waiting'), ('running', 'running'), ('failed', 'failed')], default='pending', max_length=10)),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('lease', models.UUIDField(editable=False, null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('error', models.TextField(blank=True)),
                ('own', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='work', to='baskets.ownbasket')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='baskets.release')),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ownbasket',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."hidden_at" IS DISTINCT FROM (NEW."hidden_at") OR OLD."hidden_reason" IS DISTINCT FROM (NEW."hidden_reason"))', func='INSERT INTO "baskets_ownbasketevent" ("hidden_at", "hidden_by_id", "hidden_reason", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "public_id") VALUES (NEW."hidden_at", NEW."hidden_by_id", NEW."hidden_reason", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."public_id"); RETURN NULL;', hash='56a718ca4bae7ffa7c71c2d75311f840240db1dd', operation='UPDATE', pgid='pgtrigger_update_update_a1382', table='baskets_ownbasket', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='ownchange',
            index=models.Index(fields=['owner', 'at'], name='own_change_of_owner'),
        ),
        migrations.AddConstraint(
            model_name='ownversion',
            constraint=models.UniqueConstraint(fields=('own', 'number'), name='own_version_once'),
        ),
        migrations.AddConstraint(
            model_name='ownrelease',
            constraint=models.UniqueConstraint(fields=('own', 'release'), name='own_release_once'),
        ),
        migrations.AddIndex(
            model_name='ownwork',
            index=models.Index(condition=models.Q(('state__in', ['pending', 'running'])), fields=['release', 'due_at'], name='own_work_due'),
        ),
        migrations.AddConstraint(
            model_name='ownwork',
            constraint=models.UniqueConstraint(fields=('own', 'release'), name='own_work_once'),
        ),
        migrations.RunSQL(CASCADES, UNDONE),
    ]
