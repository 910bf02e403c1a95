-- A school whose people read English gets its letters in English, as long as the receiver has chosen no language.

ALTER TABLE schools ADD COLUMN letters_in_english boolean NOT NULL DEFAULT false;
