"""Lets the database itself refuse to change or remove a line of the audit log."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION public.refuse_change_of_audit_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_log is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE ON public.audit_log
    FOR EACH ROW EXECUTE FUNCTION public.refuse_change_of_audit_log();
CREATE TRIGGER audit_log_keeps_its_lines BEFORE TRUNCATE ON public.audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change_of_audit_log();
"""

BACKWARD = """
DROP TRIGGER audit_log_keeps_its_lines ON public.audit_log;
DROP TRIGGER audit_log_is_append_only ON public.audit_log;
DROP FUNCTION public.refuse_change_of_audit_log();
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_vector_extension")]

    operations = [migrations.RunSQL(FORWARD, reverse_sql=BACKWARD)]
