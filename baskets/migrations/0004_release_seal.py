from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("baskets", "0003_revision_analysis"),
    ]

    operations = [
        migrations.AddField(
            model_name="release",
            name="counted_sha256",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="release",
            name="seal",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
    ]
