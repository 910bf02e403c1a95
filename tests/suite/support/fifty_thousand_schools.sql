-- Fifty thousand schools with names as they are, past all triggers, for a person who looks how one of them is found. Run by
-- the database's administrator.
SET session_replication_role = replica;

CREATE FUNCTION pg_temp.words(name text) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT DISTINCT word FROM string_to_table(lower(translate(name,
        'àáạảãâầấậẩẫăằắặẳẵèéẹẻẽêềếệểễìíịỉĩòóọỏõôồốộổỗơờớợởỡùúụủũưừứựửữỳýỵỷỹđÀÁẠẢÃÂẦẤẬẨẪĂẰẮẶẲẴÈÉẸẺẼÊỀẾỆỂỄÌÍỊỈĨÒÓỌỎÕÔỒỐỘỔỖƠỜỚỢỞỠÙÚỤỦŨƯỪỨỰỬỮỲÝỴỶỸĐ',
        'aaaaaaaaaaaaaaaaaeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyydaaaaaaaaaaaaaaaaaeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyyd')), ' ') AS word WHERE word <> ''
$$;

CREATE TEMPORARY TABLE made AS
SELECT n, gen_random_uuid() AS id, to_char(10000000 + n, 'FM00000000') AS code, u.province_code, u.id AS unit_id,
    p.name AS province,
    (ARRAY['Trường Mầm non', 'Trường Tiểu học', 'Trường THCS', 'Trường THPT', 'Trường TH và THCS'])[1 + n % 5] || ' '
    || (ARRAY['Lê Quý Đôn', 'Nguyễn Trãi', 'Trần Phú', 'Lê Lợi', 'Nguyễn Du', 'Hoàng Diệu', 'Võ Thị Sáu', 'Kim Đồng',
        'Nguyễn Thị Minh Khai', 'Phan Bội Châu', 'Chu Văn An', 'Quang Trung', 'Hai Bà Trưng', 'Lý Tự Trọng',
        'Nguyễn Huệ', 'Phan Châu Trinh', 'Trưng Vương', 'Nguyễn Khuyến', 'Lương Thế Vinh'])[1 + n / 5 % 19] || ' '
    || (ARRAY['Hòa Bình', 'Tân Phú', 'An Khánh', 'Vĩnh Hưng', 'Đông Sơn', 'Bình Minh', 'Phú Lộc', 'Long Thành',
        'Xuân Mai', 'Mỹ Đức', 'Thạch Thất', 'Cẩm Giàng', 'Sông Cầu'])[1 + n / 95 % 13] || ' ' || n / 1235 AS name
FROM generate_series(1, 50000) AS n
JOIN (SELECT row_number() OVER (ORDER BY province_code) - 1 AS place, count(*) OVER () AS places, province_code, id
    FROM managing_units WHERE kind = 'department') u ON u.place = n % u.places
JOIN provinces p ON p.code = u.province_code;

INSERT INTO school_codes (folded, school_id) SELECT lower(code), id FROM made;
INSERT INTO schools (id, code, kind, name, province_code, managing_unit_id, teachers_may_create_students, created_at)
SELECT id, code, 'k12', name, province_code, unit_id, false, now() FROM made;
INSERT INTO school_words (word, school_id)
SELECT DISTINCT word, id FROM made, pg_temp.words(name || ' ' || code || ' ' || province) AS word;

DROP TABLE made;
SET session_replication_role = origin;
ANALYZE schools, school_codes, school_words;
