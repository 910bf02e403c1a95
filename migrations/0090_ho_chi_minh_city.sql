-- "Hồ Chí Minh" alone is a person: the city is never named without "Thành phố". The code stays.
UPDATE provinces SET name = full_name WHERE code = '79';

UPDATE managing_units SET name = 'Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh'
WHERE province_code = '79' AND kind = 'department' AND name = 'Sở Giáo dục và Đào tạo Hồ Chí Minh';

-- The further words of the schools that are there already; new ones get them when they are opened.
INSERT INTO school_words (word, school_id)
SELECT p.word, s.id FROM schools s CROSS JOIN (VALUES ('thanh'), ('pho')) AS p (word)
WHERE s.province_code = '79'
ON CONFLICT DO NOTHING;
