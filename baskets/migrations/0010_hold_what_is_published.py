"""No row slips under a version, and no base under a basket, while it is being published.

What looks whether a version is published waits for whoever publishes it, and then looks again: the
rows under a version lock it first, and the other two look with a new snapshot, after the lock on
the row that they guard.
"""

from django.db import migrations

REFUSE_PART = """
CREATE OR REPLACE FUNCTION baskets_refuse_part_of_published() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    old_version bigint;
    new_version bigint;
BEGIN
    IF TG_OP <> 'INSERT' THEN old_version := (to_jsonb(OLD) ->> TG_ARGV[0])::bigint; END IF;
    IF TG_OP <> 'DELETE' THEN new_version := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint; END IF;
    {lock}
    PERFORM 1 FROM baskets_basketversion
        WHERE id IN (old_version, new_version) AND published_at IS NOT NULL;
    IF FOUND THEN
        RAISE EXCEPTION 'the basket version of this row is published and cannot change'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
"""
LOCK = """PERFORM 1 FROM baskets_basketversion
        WHERE id IN (old_version, new_version) ORDER BY id FOR SHARE;"""
LOOKS = ("baskets_is_published", "baskets_counts_eval")


def looking(volatility):
    return "".join(f"ALTER FUNCTION {name}(bigint) {volatility};\n" for name in LOOKS)


class Migration(migrations.Migration):
    dependencies = [("baskets", "0009_worded_steps")]
    operations = [
        migrations.RunSQL(
            REFUSE_PART.format(lock=LOCK) + looking("VOLATILE"),
            REFUSE_PART.format(lock="") + looking("STABLE"),
        )
    ]
