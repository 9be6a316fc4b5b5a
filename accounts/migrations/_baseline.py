"""What the audit begins with: every row that was there before it, as an event of its own."""


def baseline(app_label, pairs):
    """A migration's function that records each row of a model as it is now.

    pairs: (event model, tracked model), by name; a tracked model may be (app label, name, field),
    for the rows behind a relation of many to many.
    """

    def record(apps, schema_editor):
        quote = schema_editor.quote_name
        for event_name, tracked_name in pairs:
            event = apps.get_model(app_label, event_name)
            if isinstance(tracked_name, tuple):
                model = apps.get_model(tracked_name[0], tracked_name[1])
                tracked = getattr(model, tracked_name[2]).through
            else:
                tracked = apps.get_model(app_label, tracked_name)
            own = [f.column for f in event._meta.concrete_fields if not f.name.startswith('pgh_')]
            columns, values = list(own), [quote(column) for column in own]
            if any(field.name == 'pgh_obj' for field in event._meta.concrete_fields):
                columns.append('pgh_obj_id')
                values.append('id')
            schema_editor.execute(
                'INSERT INTO {} ({}, pgh_created_at, pgh_label) '
                "SELECT {}, now(), 'baseline' FROM {} ORDER BY id".format(
                    quote(event._meta.db_table),
                    ', '.join(quote(column) for column in columns),
                    ', '.join(values),
                    quote(tracked._meta.db_table),
                )
            )

    return record
