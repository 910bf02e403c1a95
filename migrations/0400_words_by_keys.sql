-- The words of a person follow the person by their own keys: a member knows all of them (members.words), and with the word
-- and the member each is found in the one index that searching needs. So the second index and a foreign key, which was
-- asked for each word of each person, are not needed. Of inserting 20,000 people they took a third.

-- At once what is asked for below in parts: a lock that grows meets those who hold the smaller one.
LOCK TABLE members, member_words IN ACCESS EXCLUSIVE MODE;

-- Who changes or goes takes their words along. An older program writes the words of those whom it changes once more.
CREATE FUNCTION words_follow() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE found text;
BEGIN
    -- One by one: with all words in one condition, the plan may walk through the school's whole index.
    FOREACH found IN ARRAY string_to_array(ltrim(OLD.words), ' ') LOOP
        DELETE FROM member_words WHERE school_id = OLD.school_id AND word = found AND member_id = OLD.id;
    END LOOP;
    IF TG_OP = 'UPDATE' THEN
        FOREACH found IN ARRAY string_to_array(ltrim(NEW.words), ' ') LOOP
            INSERT INTO member_words (school_id, word, member_id, words)
            VALUES (NEW.school_id, found, NEW.id, NEW.words) ON CONFLICT DO NOTHING;
        END LOOP;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER words_change AFTER UPDATE OF words ON members FOR EACH ROW
    WHEN (OLD.words IS DISTINCT FROM NEW.words) EXECUTE FUNCTION words_follow();
CREATE TRIGGER words_go AFTER DELETE ON members FOR EACH ROW EXECUTE FUNCTION words_follow();

ALTER TABLE member_words DROP CONSTRAINT member_words_school_id_member_id_fkey;
DROP INDEX member_words_of_member;
COMMENT ON TABLE member_words IS
    'By which word which member is found. Written with the member, changed and deleted by the triggers of members';

-- Whether the accounts of new members are there is asked once for all of them.
CREATE FUNCTION members_have_accounts() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    given uuid[];
    there bigint;
BEGIN
    SELECT array_agg(DISTINCT account_id) INTO given FROM new_rows WHERE account_id IS NOT NULL;
    IF given IS NULL THEN RETURN NULL; END IF;
    PERFORM a.id FROM accounts a WHERE a.id = ANY(given) ORDER BY a.id FOR KEY SHARE;
    GET DIAGNOSTICS there = ROW_COUNT;
    IF there < cardinality(given) THEN
        RAISE EXCEPTION 'a member would have an account that is not there'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'member_has_an_account', TABLE = 'members';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION members_have_accounts() IS
    'On one PostgreSQL only: on a cluster accounts are not where members are, and `distribute` leaves its triggers out';
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'members'::regclass AND tgname = 'has_an_account') THEN
        DROP TRIGGER has_an_account ON members;
        CREATE TRIGGER has_an_account AFTER INSERT ON members REFERENCING NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION members_have_accounts();
    END IF;
END $$;
