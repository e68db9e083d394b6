"""What the database itself refuses, whatever program writes to it: a parcel that leaves without proof. Run with every
migration.
"""

# Says why a parcel may not leave, or nothing. One text for the trigger and for the service that asks before it acts.
REFUSAL_FUNCTION = """
CREATE OR REPLACE FUNCTION why_parcel_may_not_leave(asked uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN p.state = 'handed_over' THEN 'already_shipped'
        WHEN s.state IN ('handed_over', 'delivered', 'undelivered', 'returned') THEN 'already_shipped'
        WHEN s.state = 'cancelled' THEN 'cancelled'
        WHEN s.state = 'held' OR EXISTS (
            SELECT 1 FROM shipment_holds h WHERE h.shipment_id = s.id AND h.released_at IS NULL
        ) THEN 'held'
        WHEN p.state = 'void' OR p.revision <> s.revision OR s.printed_revision IS DISTINCT FROM s.revision
            THEN 'changed_since_print'
        WHEN p.state <> 'verified' OR s.state <> 'verified' THEN 'not_verified'
        WHEN NOT EXISTS (SELECT 1 FROM units u WHERE u.parcel_id = p.id) THEN 'not_verified'
        WHEN EXISTS (SELECT 1 FROM units u WHERE u.parcel_id = p.id AND u.verified_quantity < u.quantity)
            THEN 'not_verified'
        WHEN EXISTS (
            SELECT 1 FROM units u JOIN copies c ON c.id = u.copy_id WHERE u.parcel_id = p.id AND c.state = 'void'
        ) THEN 'changed_since_print'
    END
    FROM parcels p JOIN shipments s ON s.id = p.shipment_id WHERE p.id = asked
$$
"""

GUARD_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_unproven_parcel() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE refusal text := why_parcel_may_not_leave(NEW.id);
BEGIN
    IF refusal IS NOT NULL THEN
        RAISE integrity_constraint_violation USING MESSAGE = concat('parcel ', NEW.id, ' may not leave: ', refusal);
    END IF;
    RETURN NEW;
END
$$
"""

GUARD_TRIGGER = """
CREATE OR REPLACE TRIGGER refuse_unproven_parcel BEFORE UPDATE OF state ON parcels
    FOR EACH ROW WHEN (NEW.state = 'handed_over' AND OLD.state <> 'handed_over')
    EXECUTE FUNCTION refuse_unproven_parcel()
"""

BORN_TRIGGER = """
CREATE OR REPLACE TRIGGER refuse_parcel_born_shipped BEFORE INSERT ON parcels
    FOR EACH ROW WHEN (NEW.state = 'handed_over') EXECUTE FUNCTION refuse_unproven_parcel()
"""

GUARDS = (REFUSAL_FUNCTION, GUARD_FUNCTION, GUARD_TRIGGER, BORN_TRIGGER)
