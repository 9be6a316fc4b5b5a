from django.db import migrations

PERMISSIONS = [
    ('view_imports', 'Can see imports and what became of their rows'),
    ('import_results', 'Can import results and decide about names and held scores'),
    ('add_evals', 'Can add evals with their unit, bounds and goalposts'),
]
GROUPS = ('steward', 'admin')


def give_right(apps, schema_editor):
    """The new right; Django itself would make it only after all migrations."""
    using = schema_editor.connection.alias
    user = apps.get_model('contenttypes', 'ContentType').objects.using(using).get(
        app_label='accounts', model='user'
    )
    code, name = PERMISSIONS[-1]
    right, _created = apps.get_model('auth', 'Permission').objects.using(using).get_or_create(
        content_type=user, codename=code, defaults={'name': name}
    )
    Group = apps.get_model('auth', 'Group')
    through = Group.permissions.through
    groups = Group.objects.using(using).filter(name__in=GROUPS)
    # Not by the group's own manager, which would follow the router to the application's role.
    through.objects.using(using).bulk_create(
        [through(group_id=group.pk, permission_id=right.pk) for group in groups],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_roles_and_tokens'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='user',
            options={'permissions': PERMISSIONS, 'verbose_name': 'user', 'verbose_name_plural': 'users'},
        ),
        migrations.RunPython(give_right, migrations.RunPython.noop),
    ]
