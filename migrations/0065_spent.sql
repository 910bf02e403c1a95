-- What has had its time is deleted by a job, in batches that it finds by these.
CREATE INDEX attempts_by_time ON attempts (free_at);
CREATE INDEX pending_sign_ins_expired ON pending_sign_ins (expires_at);
CREATE INDEX links_expired ON links (expires_at);
CREATE INDEX releases_expired ON releases (expires_at);
CREATE INDEX mails_by_time ON mails (created_at);
CALL grant_to_program('DELETE', 'links');
CALL grant_to_program('DELETE', 'mails');
