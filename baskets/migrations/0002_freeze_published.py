"""A published version and everything under it can no longer change, whoever asks."""

from django.db import migrations

FREEZE = """
CREATE FUNCTION baskets_refuse_if_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'basket version % is published and cannot change', OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER frozen_when_published BEFORE UPDATE OR DELETE ON baskets_basketversion
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL)
    EXECUTE FUNCTION baskets_refuse_if_published();

CREATE FUNCTION baskets_refuse_part_of_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_version bigint;
    new_version bigint;
BEGIN
    IF TG_OP <> 'INSERT' THEN old_version := (to_jsonb(OLD) ->> TG_ARGV[0])::bigint; END IF;
    IF TG_OP <> 'DELETE' THEN new_version := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint; END IF;
    PERFORM 1 FROM baskets_basketversion
        WHERE id IN (old_version, new_version) AND published_at IS NOT NULL;
    IF FOUND THEN
        RAISE EXCEPTION 'the basket version of this row is published and cannot change'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER frozen_when_published BEFORE INSERT OR UPDATE OR DELETE ON baskets_weight
    FOR EACH ROW EXECUTE FUNCTION baskets_refuse_part_of_published('version_id');
CREATE TRIGGER frozen_when_published BEFORE INSERT OR UPDATE OR DELETE ON baskets_departure
    FOR EACH ROW EXECUTE FUNCTION baskets_refuse_part_of_published('version_id');
CREATE TRIGGER frozen_when_published
    BEFORE INSERT OR UPDATE OR DELETE ON baskets_basketversion_overlap
    FOR EACH ROW EXECUTE FUNCTION baskets_refuse_part_of_published('basketversion_id');
"""

UNFREEZE = """
DROP TRIGGER frozen_when_published ON baskets_basketversion_overlap;
DROP TRIGGER frozen_when_published ON baskets_departure;
DROP TRIGGER frozen_when_published ON baskets_weight;
DROP TRIGGER frozen_when_published ON baskets_basketversion;
DROP FUNCTION baskets_refuse_part_of_published();
DROP FUNCTION baskets_refuse_if_published();
"""


class Migration(migrations.Migration):
    dependencies = [("baskets", "0001_initial")]
    operations = [migrations.RunSQL(FREEZE, UNFREEZE)]
