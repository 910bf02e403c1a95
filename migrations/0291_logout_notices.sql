-- Back-channel logout: an application that wants it is told by a job when a sign-in to it has ended.

-- Said here once, as the ends are (end_grants_of_session and others): whatever ends a grant enqueues the notice in its own
-- transaction. An application that never got tokens of the grant knows nothing of it.
CREATE FUNCTION tell_of_ended_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM oauth_clients c
        WHERE c.id = NEW.client_id AND c.logout_notice_uri IS NOT NULL AND c.revoked_at IS NULL
    ) AND EXISTS (SELECT FROM openid_refresh_tokens t WHERE t.grant_id = NEW.id) THEN
        PERFORM graphile_worker.add_job(
            identifier => 'tell_logout',
            payload => json_build_object('grant_id', NEW.id, 'client_id', NEW.client_id),
            max_attempts => 12,
            job_key => 'logout:' || NEW.id,
            queue_name => 'logout:' || NEW.client_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER openid_grants_told AFTER UPDATE OF ended ON openid_grants
    FOR EACH ROW WHEN (NEW.ended AND NOT OLD.ended) EXECUTE FUNCTION tell_of_ended_grant();
