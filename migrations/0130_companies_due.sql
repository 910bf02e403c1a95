-- Operators are told once by mail of companies that will soon have waited too long.

ALTER TABLE companies ADD COLUMN reminded_at timestamptz;
COMMENT ON COLUMN companies.reminded_at IS 'When operators were last told that an answer is due';
CALL grant_to_program('UPDATE (reminded_at)', 'companies');
