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

CREATE FUNCTION baskets_refuse_new_meaning() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published basket version rests on this row, which cannot change'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION baskets_is_published(basket bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM baskets_basketversion
                   WHERE basket_id = basket AND published_at IS NOT NULL)
$$;

CREATE FUNCTION baskets_counts_eval(item bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM baskets_weight w JOIN baskets_basketversion v ON v.id = w.version_id
                   WHERE w.eval_id = item AND v.published_at IS NOT NULL)
$$;

CREATE TRIGGER frozen_when_published BEFORE UPDATE ON baskets_basket
    FOR EACH ROW WHEN ((OLD.slug, OLD.base_id) IS DISTINCT FROM (NEW.slug, NEW.base_id)
                       AND baskets_is_published(OLD.id))
    EXECUTE FUNCTION baskets_refuse_new_meaning();
CREATE TRIGGER frozen_when_counted BEFORE UPDATE ON evals_eval
    FOR EACH ROW WHEN ((OLD.slug, OLD.domain_id, OLD.subdomain, OLD.scale, OLD.direction)
                       IS DISTINCT FROM
                       (NEW.slug, NEW.domain_id, NEW.subdomain, NEW.scale, NEW.direction)
                       AND baskets_counts_eval(OLD.id))
    EXECUTE FUNCTION baskets_refuse_new_meaning();

CREATE TRIGGER frozen_when_published BEFORE INSERT OR UPDATE OR DELETE ON baskets_weight
    FOR EACH ROW EXECUTE FUNCTION baskets_refuse_part_of_published('version_id');
CREATE TRIGGER frozen_when_published BEFORE INSERT OR UPDATE OR DELETE ON baskets_departure
    FOR EACH ROW EXECUTE FUNCTION baskets_refuse_part_of_published('version_id');
CREATE TRIGGER frozen_when_published
    BEFORE INSERT OR UPDATE OR DELETE ON baskets_basketversion_overlap
    FOR EACH ROW EXECUTE FUNCTION baskets_refuse_part_of_published('basketversion_id');
"""

UNFREEZE = """
DROP TRIGGER frozen_when_counted ON evals_eval;
DROP TRIGGER frozen_when_published ON baskets_basket;
DROP FUNCTION baskets_counts_eval(bigint);
DROP FUNCTION baskets_is_published(bigint);
DROP FUNCTION baskets_refuse_new_meaning();
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
