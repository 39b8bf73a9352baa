"""Keeps hashes of session keys, and an epoch of each person's sign-ins that the database itself moves on."""

from django.db import migrations, models

# Whoever reads a row, or a backup, cannot sign in with it. People stay signed in.
HASH = "UPDATE browser_sessions SET session_key = encode(sha256(convert_to(session_key, 'UTF8')), 'hex')"
# A hash cannot be turned back: everybody signs in again.
FORGET = "DELETE FROM browser_sessions"

# In the database, so that it holds whichever way a person is switched off: service, admin, shell or SQL.
FORWARD = """
CREATE FUNCTION public.end_sign_ins_of_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.is_active AND NOT NEW.is_active)
        OR (OLD.is_staff AND NOT NEW.is_staff)
        OR (OLD.is_superuser AND NOT NEW.is_superuser)
        OR OLD.email <> NEW.email
    THEN
        NEW.sign_in_epoch := OLD.sign_in_epoch + 1;
    ELSE
        NEW.sign_in_epoch := greatest(OLD.sign_in_epoch, NEW.sign_in_epoch);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER users_end_sign_ins BEFORE UPDATE ON public.users
    FOR EACH ROW EXECUTE FUNCTION public.end_sign_ins_of_user();
"""
BACKWARD = """
DROP TRIGGER users_end_sign_ins ON public.users;
DROP FUNCTION public.end_sign_ins_of_user();
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0011_makers_of_keys")]

    operations = [
        migrations.AlterField(
            model_name="browsersession",
            name="session_key",
            field=models.CharField(max_length=64, primary_key=True, serialize=False),
        ),
        migrations.RunSQL(HASH, reverse_sql=FORGET),
        migrations.AddField(
            model_name="user",
            name="sign_in_epoch",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.RunSQL(FORWARD, reverse_sql=BACKWARD),
    ]
