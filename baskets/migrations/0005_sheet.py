import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("baskets", "0004_release_seal"),
        ("evals", "0005_results_by_key"),
    ]

    operations = [
        migrations.AlterField(
            model_name="analysis",
            name="kind",
            field=models.CharField(
                choices=[
                    ("core", "core measures"),
                    ("sensitivity", "sensitivity"),
                    ("watch", "saturation watch"),
                    ("ladder", "like-for-like ladder"),
                    ("frame", "frame of contributions"),
                ],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="Sheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("cells", models.BinaryField()),
                ("replicates", models.BinaryField()),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheets",
                        to="baskets.release",
                    ),
                ),
                (
                    "system",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evals.system",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("release", "system"), name="sheet_once")
                ],
            },
        ),
    ]
