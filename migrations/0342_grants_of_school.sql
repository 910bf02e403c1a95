-- Suspending a school ends the sign-ins of all its people to applications.
CREATE INDEX openid_grants_of_school ON openid_grants (school_id) WHERE NOT ended;
