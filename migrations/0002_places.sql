-- Provinces and the units that manage schools. Reference data: the same for every school.

CREATE TABLE provinces (
    code text PRIMARY KEY,
    name text NOT NULL,
    name_en text NOT NULL,
    full_name text NOT NULL
);
COMMENT ON TABLE provinces IS 'The 34 provinces and cities since 1 July 2025, by the code of today (Resolution 202/2025/QH15)';
CALL grant_to_program('SELECT', 'provinces');

CREATE TABLE managing_units (
    id uuid PRIMARY KEY,
    province_code text NOT NULL REFERENCES provinces,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('department', 'commune')),
    UNIQUE (province_code, name),
    UNIQUE (province_code, id)
);
COMMENT ON TABLE managing_units IS 'Whom a school answers to: a provincial department or, since July 2025, a commune';
CALL grant_to_program('SELECT, INSERT, UPDATE', 'managing_units');

INSERT INTO provinces (code, name, name_en, full_name) VALUES
    ('01', 'Hà Nội', 'Hanoi', 'Thành phố Hà Nội'),
    ('04', 'Cao Bằng', 'Cao Bang', 'Tỉnh Cao Bằng'),
    ('08', 'Tuyên Quang', 'Tuyen Quang', 'Tỉnh Tuyên Quang'),
    ('11', 'Điện Biên', 'Dien Bien', 'Tỉnh Điện Biên'),
    ('12', 'Lai Châu', 'Lai Chau', 'Tỉnh Lai Châu'),
    ('14', 'Sơn La', 'Son La', 'Tỉnh Sơn La'),
    ('15', 'Lào Cai', 'Lao Cai', 'Tỉnh Lào Cai'),
    ('19', 'Thái Nguyên', 'Thai Nguyen', 'Tỉnh Thái Nguyên'),
    ('20', 'Lạng Sơn', 'Lang Son', 'Tỉnh Lạng Sơn'),
    ('22', 'Quảng Ninh', 'Quang Ninh', 'Tỉnh Quảng Ninh'),
    ('24', 'Bắc Ninh', 'Bac Ninh', 'Tỉnh Bắc Ninh'),
    ('25', 'Phú Thọ', 'Phu Tho', 'Tỉnh Phú Thọ'),
    ('31', 'Hải Phòng', 'Haiphong', 'Thành phố Hải Phòng'),
    ('33', 'Hưng Yên', 'Hung Yen', 'Tỉnh Hưng Yên'),
    ('37', 'Ninh Bình', 'Ninh Binh', 'Tỉnh Ninh Bình'),
    ('38', 'Thanh Hóa', 'Thanh Hoa', 'Tỉnh Thanh Hóa'),
    ('40', 'Nghệ An', 'Nghe An', 'Tỉnh Nghệ An'),
    ('42', 'Hà Tĩnh', 'Ha Tinh', 'Tỉnh Hà Tĩnh'),
    ('44', 'Quảng Trị', 'Quang Tri', 'Tỉnh Quảng Trị'),
    ('46', 'Huế', 'Hue', 'Thành phố Huế'),
    ('48', 'Đà Nẵng', 'Da Nang', 'Thành phố Đà Nẵng'),
    ('51', 'Quảng Ngãi', 'Quang Ngai', 'Tỉnh Quảng Ngãi'),
    ('52', 'Gia Lai', 'Gia Lai', 'Tỉnh Gia Lai'),
    ('56', 'Khánh Hòa', 'Khanh Hoa', 'Tỉnh Khánh Hòa'),
    ('66', 'Đắk Lắk', 'Dak Lak', 'Tỉnh Đắk Lắk'),
    ('68', 'Lâm Đồng', 'Lam Dong', 'Tỉnh Lâm Đồng'),
    ('75', 'Đồng Nai', 'Dong Nai', 'Thành phố Đồng Nai'),
    ('79', 'Hồ Chí Minh', 'Ho Chi Minh', 'Thành phố Hồ Chí Minh'),
    ('80', 'Tây Ninh', 'Tay Ninh', 'Tỉnh Tây Ninh'),
    ('82', 'Đồng Tháp', 'Dong Thap', 'Tỉnh Đồng Tháp'),
    ('86', 'Vĩnh Long', 'Vinh Long', 'Tỉnh Vĩnh Long'),
    ('91', 'An Giang', 'An Giang', 'Tỉnh An Giang'),
    ('92', 'Cần Thơ', 'Can Tho', 'Thành phố Cần Thơ'),
    ('96', 'Cà Mau', 'Ca Mau', 'Tỉnh Cà Mau');

-- Every province has its department of education and training.
INSERT INTO managing_units (id, province_code, name, kind)
SELECT gen_random_uuid(), code, 'Sở Giáo dục và Đào tạo ' || name, 'department' FROM provinces;
