"""Says of the search tables what Django cannot: vectors stay in the row, postings are answered from their index."""

from django.db import migrations

VECTORS_INLINE = "ALTER TABLE chunk_vectors ALTER COLUMN embedding SET STORAGE MAIN"
VECTORS_DEFAULT = "ALTER TABLE chunk_vectors ALTER COLUMN embedding SET STORAGE EXTERNAL"
COVERING = """
ALTER TABLE chunk_terms DROP CONSTRAINT chunk_terms_pkey;
ALTER TABLE chunk_terms ADD CONSTRAINT chunk_terms_pkey PRIMARY KEY (term, chunk_ref) INCLUDE (tf, length)
"""
PLAIN = """
ALTER TABLE chunk_terms DROP CONSTRAINT chunk_terms_pkey;
ALTER TABLE chunk_terms ADD CONSTRAINT chunk_terms_pkey PRIMARY KEY (term, chunk_ref)
"""


class Migration(migrations.Migration):
    dependencies = [("datasets", "0001_initial")]

    operations = [
        migrations.RunSQL(VECTORS_INLINE, VECTORS_DEFAULT),
        migrations.RunSQL(COVERING, PLAIN),
    ]
