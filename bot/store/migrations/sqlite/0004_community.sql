-- Votes by the day (UTC, in days since 1970) on which they were first given: for boards of a week, a month or a year, and
-- for a film's history. guild_id 0 is everywhere, as in the tallies.
CREATE TABLE days (
    guild_id  INTEGER NOT NULL,
    review_id INTEGER NOT NULL REFERENCES reviews (id),
    day       INTEGER NOT NULL,
    n1        INTEGER NOT NULL DEFAULT 0,
    n2        INTEGER NOT NULL DEFAULT 0,
    n3        INTEGER NOT NULL DEFAULT 0,
    n4        INTEGER NOT NULL DEFAULT 0,
    n5        INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (guild_id, review_id, day)
) STRICT, WITHOUT ROWID;

-- How many votes a member has in a server, and their sheep added up.
CREATE TABLE raters (
    guild_id  INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    votes     INTEGER NOT NULL,
    sheep     INTEGER NOT NULL,
    PRIMARY KEY (guild_id, member_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX raters_by_member ON raters (member_id);
CREATE INDEX raters_by_votes ON raters (guild_id, votes DESC, member_id);

CREATE INDEX reviews_by_verdict ON reviews (critic_half_sheep, id) WHERE retired_at IS NULL;

-- Genres, directors and critics of the films on the shelf, by which boards are narrowed.
CREATE TABLE labels (
    id   INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('genre', 'director', 'critic')),
    name TEXT NOT NULL,
    UNIQUE (kind, name)
) STRICT;

CREATE TABLE review_labels (
    label_id  INTEGER NOT NULL REFERENCES labels (id),
    review_id INTEGER NOT NULL REFERENCES reviews (id),
    PRIMARY KEY (label_id, review_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX review_labels_by_review ON review_labels (review_id, label_id);

CREATE TABLE guild_settings (
    guild_id         INTEGER PRIMARY KEY CHECK (guild_id > 0),
    voter_role       INTEGER,
    min_account_days INTEGER NOT NULL,
    results          TEXT NOT NULL,
    thoughts         TEXT NOT NULL,
    weight           REAL NOT NULL CHECK (weight >= 0),
    min_votes        INTEGER NOT NULL CHECK (min_votes >= 1),
    pictures         INTEGER NOT NULL CHECK (pictures IN (0, 1)),
    leavers          TEXT NOT NULL,
    channel_id       INTEGER, -- where new reviews are announced
    announced        INTEGER NOT NULL -- the id of the last review that was, or that was there before
) STRICT;

CREATE INDEX guild_settings_announcing ON guild_settings (announced) WHERE channel_id IS NOT NULL;

-- Films that take no votes in a server, from a moment on that may lie ahead.
CREATE TABLE closings (
    guild_id  INTEGER NOT NULL,
    review_id INTEGER NOT NULL REFERENCES reviews (id),
    closes_at INTEGER NOT NULL,
    shown     INTEGER NOT NULL CHECK (shown IN (0, 1)), -- whether the posts of the film tell that it is closed
    PRIMARY KEY (guild_id, review_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX closings_due ON closings (closes_at) WHERE shown = 0;

-- What moderators lay on members: blocked may neither vote nor write; the votes of the voided, and of those who left
-- where the server wants it so, are in voided_votes and not among the votes. While their votes are brought back, which is
-- done by and by, members are restoring.
CREATE TABLE restrictions (
    guild_id  INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    kind      TEXT NOT NULL CHECK (kind IN ('blocked', 'voided', 'left', 'restoring')),
    since     INTEGER NOT NULL,
    PRIMARY KEY (guild_id, member_id, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX restrictions_by_member ON restrictions (member_id);
CREATE INDEX restrictions_left ON restrictions (guild_id, member_id) WHERE kind = 'left';

CREATE TABLE voided_votes (
    guild_id   INTEGER NOT NULL CHECK (guild_id > 0),
    review_id  INTEGER NOT NULL REFERENCES reviews (id),
    member_id  INTEGER NOT NULL,
    sheep      INTEGER NOT NULL CHECK (sheep BETWEEN 1 AND 5),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (guild_id, review_id, member_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX voided_votes_by_member ON voided_votes (member_id, guild_id);

CREATE TABLE words (
    guild_id INTEGER NOT NULL,
    word     TEXT NOT NULL, -- folded
    PRIMARY KEY (guild_id, word)
) STRICT, WITHOUT ROWID;

CREATE TABLE reports (
    guild_id    INTEGER NOT NULL,
    review_id   INTEGER NOT NULL,
    member_id   INTEGER NOT NULL, -- who wrote the thought
    reporter_id INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    judged_at   INTEGER, -- NULL while it waits for a moderator
    PRIMARY KEY (guild_id, review_id, member_id, reporter_id),
    FOREIGN KEY (guild_id, review_id, member_id) REFERENCES thoughts (guild_id, review_id, member_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX reports_by_reporter ON reports (reporter_id);
CREATE INDEX reports_by_member ON reports (member_id);
CREATE INDEX reports_waiting ON reports (guild_id, created_at) WHERE judged_at IS NULL;

CREATE TABLE audit_log (
    id        INTEGER PRIMARY KEY,
    guild_id  INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    actor_id  INTEGER, -- NULL where the bot itself acted, or where who acted had all about themselves deleted
    act       TEXT NOT NULL,
    member_id INTEGER, -- to whom it was done
    review_id INTEGER REFERENCES reviews (id),
    detail    TEXT NOT NULL
) STRICT;

CREATE INDEX audit_log_by_guild ON audit_log (guild_id, id);
CREATE INDEX audit_log_by_member ON audit_log (member_id) WHERE member_id IS NOT NULL;
CREATE INDEX audit_log_by_actor ON audit_log (actor_id) WHERE actor_id IS NOT NULL;

-- Members who want to be compared with nobody, in any server.
CREATE TABLE uncompared (
    member_id INTEGER PRIMARY KEY,
    since     INTEGER NOT NULL
) STRICT;

-- Servers that the bot was removed from: what they left is deleted after a time.
CREATE TABLE departures (
    guild_id INTEGER PRIMARY KEY,
    left_at  INTEGER NOT NULL
) STRICT;

-- All of whom or what is being deleted, until that is done: a member, a server that asked for it, or one that was left.
CREATE TABLE erasures (
    subject TEXT NOT NULL CHECK (subject IN ('member', 'server', 'departed')),
    id      INTEGER NOT NULL,
    since   INTEGER NOT NULL,
    PRIMARY KEY (subject, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX thoughts_held ON thoughts (guild_id, updated_at) WHERE state = 'held';

-- Only thoughts that are shown are counted.
DROP TRIGGER thoughts_inserted;
DROP TRIGGER thoughts_deleted;

CREATE TRIGGER thoughts_inserted AFTER INSERT ON thoughts WHEN NEW.state = 'shown' BEGIN
    INSERT INTO tallies (guild_id, review_id, thoughts)
    VALUES (NEW.guild_id, NEW.review_id, 1)
    ON CONFLICT (guild_id, review_id) DO UPDATE SET thoughts = thoughts + 1;
END;

CREATE TRIGGER thoughts_updated AFTER UPDATE OF state ON thoughts
WHEN (OLD.state = 'shown') <> (NEW.state = 'shown') BEGIN
    INSERT INTO tallies (guild_id, review_id)
    VALUES (NEW.guild_id, NEW.review_id)
    ON CONFLICT DO NOTHING;

    UPDATE tallies SET thoughts = thoughts + (NEW.state = 'shown') - (OLD.state = 'shown')
    WHERE guild_id = NEW.guild_id AND review_id = NEW.review_id;
END;

CREATE TRIGGER thoughts_deleted AFTER DELETE ON thoughts WHEN OLD.state = 'shown' BEGIN
    UPDATE tallies SET thoughts = thoughts - 1
    WHERE guild_id = OLD.guild_id AND review_id = OLD.review_id;
END;

-- Days and raters follow the votes as the tallies do; as there, the second trigger of each pair is for members who voted
-- on the film in another server too.
CREATE TRIGGER votes_inserted_by_day AFTER INSERT ON votes BEGIN
    INSERT INTO raters (guild_id, member_id, votes, sheep)
    VALUES (NEW.guild_id, NEW.member_id, 1, NEW.sheep)
    ON CONFLICT (guild_id, member_id) DO UPDATE SET votes = votes + 1, sheep = sheep + excluded.sheep;

    INSERT INTO days (guild_id, review_id, day, n1, n2, n3, n4, n5)
    SELECT scope, NEW.review_id, NEW.created_at / 86400,
           NEW.sheep = 1, NEW.sheep = 2, NEW.sheep = 3, NEW.sheep = 4, NEW.sheep = 5
    FROM (
        SELECT NEW.guild_id AS scope
        UNION ALL
        SELECT 0 WHERE NOT EXISTS (
            SELECT 1 FROM votes
            WHERE member_id = NEW.member_id AND review_id = NEW.review_id AND guild_id <> NEW.guild_id
        )
    )
    WHERE true
    ON CONFLICT (guild_id, review_id, day) DO UPDATE
    SET n1 = n1 + excluded.n1, n2 = n2 + excluded.n2, n3 = n3 + excluded.n3, n4 = n4 + excluded.n4,
        n5 = n5 + excluded.n5;
END;

CREATE TRIGGER votes_inserted_by_day_elsewhere_too AFTER INSERT ON votes WHEN EXISTS (
    SELECT 1 FROM votes
    WHERE member_id = NEW.member_id AND review_id = NEW.review_id AND guild_id <> NEW.guild_id
) BEGIN
    UPDATE days
    SET n1 = n1 - (former.sheep = 1), n2 = n2 - (former.sheep = 2), n3 = n3 - (former.sheep = 3),
        n4 = n4 - (former.sheep = 4), n5 = n5 - (former.sheep = 5)
    FROM (
        SELECT sheep, created_at FROM votes
        WHERE member_id = NEW.member_id AND review_id = NEW.review_id AND guild_id <> NEW.guild_id
        ORDER BY updated_at DESC, guild_id DESC LIMIT 1
    ) AS former
    WHERE days.guild_id = 0 AND days.review_id = NEW.review_id AND days.day = former.created_at / 86400;

    INSERT INTO days (guild_id, review_id, day, n1, n2, n3, n4, n5)
    SELECT 0, NEW.review_id, created_at / 86400, sheep = 1, sheep = 2, sheep = 3, sheep = 4, sheep = 5
    FROM (
        SELECT sheep, created_at FROM votes
        WHERE member_id = NEW.member_id AND review_id = NEW.review_id
        ORDER BY updated_at DESC, guild_id DESC LIMIT 1
    )
    WHERE true
    ON CONFLICT (guild_id, review_id, day) DO UPDATE
    SET n1 = n1 + excluded.n1, n2 = n2 + excluded.n2, n3 = n3 + excluded.n3, n4 = n4 + excluded.n4,
        n5 = n5 + excluded.n5;
END;

CREATE TRIGGER votes_updated_by_day AFTER UPDATE ON votes
WHEN OLD.sheep <> NEW.sheep OR OLD.created_at / 86400 <> NEW.created_at / 86400 BEGIN
    UPDATE raters SET sheep = sheep + NEW.sheep - OLD.sheep
    WHERE guild_id = NEW.guild_id AND member_id = NEW.member_id;

    UPDATE days
    SET n1 = n1 - (OLD.sheep = 1), n2 = n2 - (OLD.sheep = 2), n3 = n3 - (OLD.sheep = 3), n4 = n4 - (OLD.sheep = 4),
        n5 = n5 - (OLD.sheep = 5)
    WHERE review_id = OLD.review_id AND day = OLD.created_at / 86400 AND (
        guild_id = OLD.guild_id OR guild_id = 0 AND NOT EXISTS (
            SELECT 1 FROM votes
            WHERE member_id = OLD.member_id AND review_id = OLD.review_id AND guild_id <> OLD.guild_id
        )
    );

    INSERT INTO days (guild_id, review_id, day, n1, n2, n3, n4, n5)
    SELECT scope, NEW.review_id, NEW.created_at / 86400,
           NEW.sheep = 1, NEW.sheep = 2, NEW.sheep = 3, NEW.sheep = 4, NEW.sheep = 5
    FROM (
        SELECT NEW.guild_id AS scope
        UNION ALL
        SELECT 0 WHERE NOT EXISTS (
            SELECT 1 FROM votes
            WHERE member_id = NEW.member_id AND review_id = NEW.review_id AND guild_id <> NEW.guild_id
        )
    )
    WHERE true
    ON CONFLICT (guild_id, review_id, day) DO UPDATE
    SET n1 = n1 + excluded.n1, n2 = n2 + excluded.n2, n3 = n3 + excluded.n3, n4 = n4 + excluded.n4,
        n5 = n5 + excluded.n5;
END;

CREATE TRIGGER votes_updated_by_day_elsewhere_too AFTER UPDATE ON votes WHEN EXISTS (
    SELECT 1 FROM votes
    WHERE member_id = NEW.member_id AND review_id = NEW.review_id AND guild_id <> NEW.guild_id
) BEGIN
    UPDATE days
    SET n1 = n1 - (former.sheep = 1), n2 = n2 - (former.sheep = 2), n3 = n3 - (former.sheep = 3),
        n4 = n4 - (former.sheep = 4), n5 = n5 - (former.sheep = 5)
    FROM (
        SELECT sheep, created_at FROM (
            SELECT OLD.sheep AS sheep, OLD.created_at AS created_at, OLD.updated_at AS updated_at,
                   OLD.guild_id AS guild_id
            UNION ALL
            SELECT sheep, created_at, updated_at, guild_id FROM votes
            WHERE member_id = OLD.member_id AND review_id = OLD.review_id AND guild_id <> OLD.guild_id
        )
        ORDER BY updated_at DESC, guild_id DESC LIMIT 1
    ) AS former
    WHERE days.guild_id = 0 AND days.review_id = OLD.review_id AND days.day = former.created_at / 86400;

    INSERT INTO days (guild_id, review_id, day, n1, n2, n3, n4, n5)
    SELECT 0, NEW.review_id, created_at / 86400, sheep = 1, sheep = 2, sheep = 3, sheep = 4, sheep = 5
    FROM (
        SELECT sheep, created_at FROM votes
        WHERE member_id = NEW.member_id AND review_id = NEW.review_id
        ORDER BY updated_at DESC, guild_id DESC LIMIT 1
    )
    WHERE true
    ON CONFLICT (guild_id, review_id, day) DO UPDATE
    SET n1 = n1 + excluded.n1, n2 = n2 + excluded.n2, n3 = n3 + excluded.n3, n4 = n4 + excluded.n4,
        n5 = n5 + excluded.n5;
END;

CREATE TRIGGER votes_deleted_by_day AFTER DELETE ON votes BEGIN
    UPDATE raters SET votes = votes - 1, sheep = sheep - OLD.sheep
    WHERE guild_id = OLD.guild_id AND member_id = OLD.member_id;

    UPDATE days
    SET n1 = n1 - (OLD.sheep = 1), n2 = n2 - (OLD.sheep = 2), n3 = n3 - (OLD.sheep = 3), n4 = n4 - (OLD.sheep = 4),
        n5 = n5 - (OLD.sheep = 5)
    WHERE review_id = OLD.review_id AND day = OLD.created_at / 86400 AND (
        guild_id = OLD.guild_id OR guild_id = 0 AND NOT EXISTS (
            SELECT 1 FROM votes
            WHERE member_id = OLD.member_id AND review_id = OLD.review_id AND guild_id <> OLD.guild_id
        )
    );
END;

CREATE TRIGGER votes_deleted_by_day_elsewhere_too AFTER DELETE ON votes WHEN EXISTS (
    SELECT 1 FROM votes
    WHERE member_id = OLD.member_id AND review_id = OLD.review_id AND guild_id <> OLD.guild_id
) BEGIN
    UPDATE days
    SET n1 = n1 - (former.sheep = 1), n2 = n2 - (former.sheep = 2), n3 = n3 - (former.sheep = 3),
        n4 = n4 - (former.sheep = 4), n5 = n5 - (former.sheep = 5)
    FROM (
        SELECT sheep, created_at FROM (
            SELECT OLD.sheep AS sheep, OLD.created_at AS created_at, OLD.updated_at AS updated_at,
                   OLD.guild_id AS guild_id
            UNION ALL
            SELECT sheep, created_at, updated_at, guild_id FROM votes
            WHERE member_id = OLD.member_id AND review_id = OLD.review_id
        )
        ORDER BY updated_at DESC, guild_id DESC LIMIT 1
    ) AS former
    WHERE days.guild_id = 0 AND days.review_id = OLD.review_id AND days.day = former.created_at / 86400;

    INSERT INTO days (guild_id, review_id, day, n1, n2, n3, n4, n5)
    SELECT 0, OLD.review_id, created_at / 86400, sheep = 1, sheep = 2, sheep = 3, sheep = 4, sheep = 5
    FROM (
        SELECT sheep, created_at FROM votes
        WHERE member_id = OLD.member_id AND review_id = OLD.review_id
        ORDER BY updated_at DESC, guild_id DESC LIMIT 1
    )
    WHERE true
    ON CONFLICT (guild_id, review_id, day) DO UPDATE
    SET n1 = n1 + excluded.n1, n2 = n2 + excluded.n2, n3 = n3 + excluded.n3, n4 = n4 + excluded.n4,
        n5 = n5 + excluded.n5;
END;

-- What there is already.
INSERT INTO raters (guild_id, member_id, votes, sheep)
SELECT guild_id, member_id, count(*), sum(sheep) FROM votes GROUP BY guild_id, member_id;

INSERT INTO days (guild_id, review_id, day, n1, n2, n3, n4, n5)
SELECT guild_id, review_id, created_at / 86400,
       sum(sheep = 1), sum(sheep = 2), sum(sheep = 3), sum(sheep = 4), sum(sheep = 5)
FROM votes GROUP BY 1, 2, 3;

INSERT INTO days (guild_id, review_id, day, n1, n2, n3, n4, n5)
SELECT 0, review_id, created_at / 86400,
       sum(sheep = 1), sum(sheep = 2), sum(sheep = 3), sum(sheep = 4), sum(sheep = 5)
FROM (
    SELECT review_id, sheep, created_at,
           row_number() OVER (PARTITION BY member_id, review_id ORDER BY updated_at DESC, guild_id DESC) AS place
    FROM votes
)
WHERE place = 1
GROUP BY 1, 2, 3;

INSERT INTO labels (kind, name)
SELECT 'genre', value FROM reviews, json_each(genres)
UNION
SELECT 'director', value FROM reviews, json_each(directed_by)
UNION
SELECT 'critic', critic FROM reviews WHERE critic IS NOT NULL;

INSERT INTO review_labels (label_id, review_id)
SELECT l.id, r.id FROM reviews r, json_each(r.genres) JOIN labels l ON l.kind = 'genre' AND l.name = value
UNION
SELECT l.id, r.id FROM reviews r, json_each(r.directed_by) JOIN labels l ON l.kind = 'director' AND l.name = value
UNION
SELECT l.id, r.id FROM reviews r JOIN labels l ON l.kind = 'critic' AND l.name = r.critic;
