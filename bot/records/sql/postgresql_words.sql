-- What patients and staff wrote, to be searched without regard to Spanish accents.
ALTER TABLE records_message ADD COLUMN IF NOT EXISTS words tsvector GENERATED ALWAYS AS (
  CASE WHEN sender IN ('patient', 'staff')
  THEN to_tsvector('simple', translate(text, 'áéíóúüñÁÉÍÓÚÜÑ', 'aeiouunAEIOUUN')) END) STORED;

CREATE INDEX IF NOT EXISTS records_message_words ON records_message USING gin (words);
