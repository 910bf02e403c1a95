-- Finding a school by typing: by its province too.

COMMENT ON TABLE school_words IS
    'The words of a school''s name, code and province without marks, for finding it by typing';

-- The provinces' words of the schools that are there already; new ones get them when they are opened.
INSERT INTO school_words (word, school_id)
SELECT p.word, s.id FROM schools s JOIN (VALUES
    ('01', 'ha'), ('01', 'noi'), ('04', 'cao'), ('04', 'bang'), ('08', 'tuyen'), ('08', 'quang'), ('11', 'dien'),
    ('11', 'bien'), ('12', 'lai'), ('12', 'chau'), ('14', 'son'), ('14', 'la'), ('15', 'lao'), ('15', 'cai'),
    ('19', 'thai'), ('19', 'nguyen'), ('20', 'lang'), ('20', 'son'), ('22', 'quang'), ('22', 'ninh'), ('24', 'bac'),
    ('24', 'ninh'), ('25', 'phu'), ('25', 'tho'), ('31', 'hai'), ('31', 'phong'), ('33', 'hung'), ('33', 'yen'),
    ('37', 'ninh'), ('37', 'binh'), ('38', 'thanh'), ('38', 'hoa'), ('40', 'nghe'), ('40', 'an'), ('42', 'ha'),
    ('42', 'tinh'), ('44', 'quang'), ('44', 'tri'), ('46', 'hue'), ('48', 'da'), ('48', 'nang'), ('51', 'quang'),
    ('51', 'ngai'), ('52', 'gia'), ('52', 'lai'), ('56', 'khanh'), ('56', 'hoa'), ('66', 'dak'), ('66', 'lak'),
    ('68', 'lam'), ('68', 'dong'), ('75', 'dong'), ('75', 'nai'), ('79', 'ho'), ('79', 'chi'), ('79', 'minh'),
    ('80', 'tay'), ('80', 'ninh'), ('82', 'dong'), ('82', 'thap'), ('86', 'vinh'), ('86', 'long'), ('91', 'an'),
    ('91', 'giang'), ('92', 'can'), ('92', 'tho'), ('96', 'ca'), ('96', 'mau')
) AS p (code, word) ON p.code = s.province_code
ON CONFLICT DO NOTHING;
