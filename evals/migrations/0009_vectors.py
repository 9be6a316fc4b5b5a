import django.db.models.deletion
from django.db import migrations, models

# Of the runs that were there before: as `evals.services.repeats` keeps them.
EARLIER = """
INSERT INTO evals_vector (source_id, import_run_id, system_id, rows, pairs)
SELECT r.source_id, t.run, t.system, t.n, t.pairs FROM (
    SELECT c.import_run_id AS run, c.system_id AS system, count(*) AS n, min(c.line) AS line,
        mod(sum(hashfloat8extended(c.value, hashtextextended(e.slug, 0))), 9223372036854775807)
        AS pairs
    FROM evals_score c JOIN evals_eval e ON e.id = c.eval_id
    GROUP BY c.import_run_id, c.system_id HAVING count(*) >= 5 AND min(c.value) < max(c.value)
) t JOIN evals_importrun r ON r.id = t.run AND NOT r.shipped
ORDER BY t.run, t.line, t.system
"""


class Migration(migrations.Migration):
    dependencies = [
        ("evals", "0008_declared"),
    ]

    operations = [
        migrations.CreateModel(
            name="Vector",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rows", models.PositiveIntegerField()),
                ("pairs", models.BigIntegerField()),
                (
                    "import_run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vectors",
                        to="evals.importrun",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evals.source",
                    ),
                ),
                (
                    "system",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evals.system",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["source", "rows", "pairs"], name="vector_same")],
            },
        ),
        migrations.RunSQL(EARLIER, migrations.RunSQL.noop),
    ]
