-- What a batch holds until its commit: opened where missing, then locked in one order, in one round trip
-- depends: notifications-0007-messages

-- migrate: apply

-- Each statement of a function sees what was committed before it: a row that another batch opened meanwhile too.

-- Whoever posts an alert and whoever does its act see each other, whichever comes first.
create function views.hold_acts(in_acts text[], in_subjects text[]) returns void
language plpgsql as $$
begin
    insert into views.acts (act, subject)
    select distinct a, s from unnest(in_acts, in_subjects) as r (a, s) order by a, s
    on conflict do nothing;
    perform from views.acts where (act, subject) in (select * from unnest(in_acts, in_subjects))
    order by act, subject for update;
end $$;

-- The changes of a recipient's alerts are numbered in the order in which they can be seen.
create function views.hold_inboxes(in_kinds text[], in_ids text[]) returns void
language plpgsql as $$
begin
    insert into views.inboxes (kind, id)
    select distinct k, i from unnest(in_kinds, in_ids) as r (k, i) order by k, i
    on conflict do nothing;
    perform from views.inboxes where (kind, id) in (select * from unnest(in_kinds, in_ids))
    order by kind, id for update;
end $$;

-- Two contexts may move the same dossier at once: each waits for the other's row.
create function views.hold_dossiers(in_ids uuid[]) returns setof views.dossiers
language plpgsql as $$
begin
    insert into views.dossiers (id) select distinct i from unnest(in_ids) as r (i) order by i
    on conflict do nothing;
    return query select d.* from views.dossiers d where d.id = any(in_ids) order by d.id for update;
end $$;

-- migrate: rollback
