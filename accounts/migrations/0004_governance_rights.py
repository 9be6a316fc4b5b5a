from django.db import migrations

PERMISSIONS = [
    ('view_imports', 'Can see imports and what became of their rows'),
    ('import_results', 'Can import results and decide about names and held scores'),
    ('add_evals', 'Can add evals with their unit, bounds and goalposts'),
    ('edit_baskets', 'Can draft, edit, propose, schedule and withdraw basket versions'),
    ('approve_baskets', 'Can approve, send back and schedule basket versions'),
    ('view_audit', 'Can see and export who changed what, when and why'),
    ('manage_roles', 'Can give and take roles'),
]
NEW = {
    'edit_baskets': ('steward', 'admin'),
    'approve_baskets': ('approver', 'admin'),
    'view_audit': ('steward', 'approver', 'admin'),
    'manage_roles': ('admin',),
}


def give_rights(apps, schema_editor):
    """The new rights; Django itself would make them only after all migrations."""
    using = schema_editor.connection.alias
    user = apps.get_model('contenttypes', 'ContentType').objects.using(using).get(
        app_label='accounts', model='user'
    )
    Group = apps.get_model('auth', 'Group')
    through = Group.permissions.through
    names = dict(PERMISSIONS)
    for code, groups in NEW.items():
        right, _created = apps.get_model('auth', 'Permission').objects.using(using).get_or_create(
            content_type=user, codename=code, defaults={'name': names[code]}
        )
        # Not by the group's own manager, which would follow the router to the application's role.
        through.objects.using(using).bulk_create(
            [
                through(group_id=group.pk, permission_id=right.pk)
                for group in Group.objects.using(using).filter(name__in=groups)
            ],
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_stewards_add_evals'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='user',
            options={'permissions': PERMISSIONS, 'verbose_name': 'user', 'verbose_name_plural': 'users'},
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
