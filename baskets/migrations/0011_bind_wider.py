"""What the site wrote into steps in English becomes codes, and open approvals are asked for again.

An approval now also binds the base system and what each eval is. None that was given before says
anything of these, so whatever is in review becomes a draft again, with that reason on its record.
"""

from django.db import migrations
from django.utils import timezone

CODES = {
    'Edited after it was proposed; it has to be proposed again.': 'edited',
    'What was approved has changed since; it has to be proposed again.': 'changed',
    'It could not be published; the attempts were given up.': 'given-up',
}
IN_REVIEW = ('proposed', 'approved', 'scheduled')


def give_codes(apps, schema_editor):
    using = schema_editor.connection.alias
    Transition = apps.get_model('baskets', 'Transition').objects.using(using)
    Publication = apps.get_model('baskets', 'Publication').objects.using(using)
    for text, code in CODES.items():
        Transition.filter(reason=text, code='').update(reason='', code=code)
        Publication.filter(error=text, code='').update(error='', code=code)


def ask_again(apps, schema_editor):
    using = schema_editor.connection.alias
    Version = apps.get_model('baskets', 'BasketVersion').objects.using(using)
    Transition = apps.get_model('baskets', 'Transition').objects.using(using)
    Publication = apps.get_model('baskets', 'Publication').objects.using(using)
    for version in Version.filter(step__in=IN_REVIEW, published_at__isnull=True):
        waiting = Publication.filter(version_id=version.pk, state='pending')
        waiting.update(state='cancelled', finished_at=timezone.now())
        newest = Transition.filter(version_id=version.pk).order_by('-pk').first()
        Transition.create(
            version_id=version.pk,
            from_state=version.step,
            to_state='draft',
            code='bound-wider',
            content_sha256=newest.content_sha256 if newest else '',
        )
        Version.filter(pk=version.pk).update(step='draft', approver='')


class Migration(migrations.Migration):
    dependencies = [('baskets', '0010_hold_what_is_published')]
    operations = [
        migrations.RunPython(give_codes, migrations.RunPython.noop),
        migrations.RunPython(ask_again, migrations.RunPython.noop),
    ]
