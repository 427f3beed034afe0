-- The audit only grows. Rows older than six years (45 CFR 164.316(b)(2)) may be purged.
CREATE OR REPLACE FUNCTION records_audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.at < now() - interval '6 years' THEN
      RETURN OLD;
    END IF;
    RAISE EXCEPTION 'audit rows are kept for six years';
  END IF;
  RAISE EXCEPTION 'audit rows are never changed';
END $$;

CREATE OR REPLACE TRIGGER audit_never_changes BEFORE UPDATE OR DELETE ON records_auditrow
FOR EACH ROW EXECUTE FUNCTION records_audit_stays();

CREATE OR REPLACE TRIGGER audit_never_shrinks BEFORE TRUNCATE ON records_auditrow
FOR EACH STATEMENT EXECUTE FUNCTION records_audit_stays();
