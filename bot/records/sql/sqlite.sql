-- The audit only grows. Rows older than six years (45 CFR 164.316(b)(2)) may be purged.
CREATE TRIGGER IF NOT EXISTS audit_never_changes BEFORE UPDATE ON records_auditrow
BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;

CREATE TRIGGER IF NOT EXISTS audit_never_shrinks BEFORE DELETE ON records_auditrow
WHEN OLD.at > datetime('now', '-6 years')
BEGIN SELECT RAISE(ABORT, 'audit rows are kept for six years'); END;

-- What patients and staff wrote, to be searched. The words live in the messages alone.
CREATE VIEW IF NOT EXISTS records_said AS
SELECT id, text FROM records_message WHERE sender IN ('patient', 'staff');

CREATE VIRTUAL TABLE IF NOT EXISTS records_words USING fts5(
  text, content='records_said', content_rowid='id', tokenize="unicode61 remove_diacritics 2");

CREATE TRIGGER IF NOT EXISTS words_insert AFTER INSERT ON records_message WHEN NEW.sender IN ('patient', 'staff')
BEGIN INSERT INTO records_words(rowid, text) VALUES (NEW.id, NEW.text); END;

CREATE TRIGGER IF NOT EXISTS words_delete AFTER DELETE ON records_message WHEN OLD.sender IN ('patient', 'staff')
BEGIN INSERT INTO records_words(records_words, rowid, text) VALUES ('delete', OLD.id, OLD.text); END;

CREATE TRIGGER IF NOT EXISTS words_update AFTER UPDATE OF text ON records_message
WHEN OLD.sender IN ('patient', 'staff') AND OLD.text IS NOT NEW.text
BEGIN
  INSERT INTO records_words(records_words, rowid, text) VALUES ('delete', OLD.id, OLD.text);
  INSERT INTO records_words(rowid, text) VALUES (NEW.id, NEW.text);
END;
