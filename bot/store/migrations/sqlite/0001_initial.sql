-- One row a fact about this database that is not a member's: the hash of the synced commands, for one.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE reviews (
    id                INTEGER PRIMARY KEY,
    slug              TEXT NOT NULL UNIQUE,
    title             TEXT NOT NULL,
    sort_title        TEXT NOT NULL,
    year              INTEGER,
    critic            TEXT,
    critic_half_sheep INTEGER CHECK (critic_half_sheep BETWEEN 0 AND 10),
    quote             TEXT,
    quote_by          TEXT,
    written_by        TEXT NOT NULL, -- JSON arrays of strings, as are the four below
    directed_by       TEXT NOT NULL,
    starring          TEXT NOT NULL,
    genres            TEXT NOT NULL,
    aliases           TEXT NOT NULL,
    body              TEXT NOT NULL,
    url               TEXT,
    image_url         TEXT,
    published_at      TEXT, -- a day, ISO 8601
    spoilers          INTEGER NOT NULL CHECK (spoilers IN (0, 1)),
    guid              TEXT,
    source            TEXT NOT NULL,
    content_hash      TEXT NOT NULL,
    retired_at        INTEGER -- Unix seconds, as is every other time here; NULL while on the shelf
) STRICT;

CREATE TABLE votes (
    guild_id   INTEGER NOT NULL CHECK (guild_id > 0),
    review_id  INTEGER NOT NULL REFERENCES reviews (id),
    member_id  INTEGER NOT NULL,
    sheep      INTEGER NOT NULL CHECK (sheep BETWEEN 1 AND 5),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (guild_id, review_id, member_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX votes_by_member ON votes (member_id, review_id);

CREATE TABLE thoughts (
    guild_id   INTEGER NOT NULL CHECK (guild_id > 0),
    review_id  INTEGER NOT NULL REFERENCES reviews (id),
    member_id  INTEGER NOT NULL,
    body       TEXT NOT NULL CHECK (length(body) BETWEEN 1 AND 1000),
    spoiler    INTEGER NOT NULL CHECK (spoiler IN (0, 1)),
    state      TEXT NOT NULL DEFAULT 'shown',
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (guild_id, review_id, member_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX thoughts_by_age ON thoughts (guild_id, review_id, updated_at, member_id);
CREATE INDEX thoughts_by_member ON thoughts (member_id);

-- guild_id 0 is everywhere: there, a member's latest vote in any server counts once.
CREATE TABLE tallies (
    guild_id  INTEGER NOT NULL,
    review_id INTEGER NOT NULL REFERENCES reviews (id),
    n1        INTEGER NOT NULL DEFAULT 0 CHECK (n1 >= 0),
    n2        INTEGER NOT NULL DEFAULT 0 CHECK (n2 >= 0),
    n3        INTEGER NOT NULL DEFAULT 0 CHECK (n3 >= 0),
    n4        INTEGER NOT NULL DEFAULT 0 CHECK (n4 >= 0),
    n5        INTEGER NOT NULL DEFAULT 0 CHECK (n5 >= 0),
    thoughts  INTEGER NOT NULL DEFAULT 0 CHECK (thoughts >= 0),
    PRIMARY KEY (guild_id, review_id)
) STRICT, WITHOUT ROWID;

-- Messages that show a tally, so that a vote from elsewhere reaches them.
CREATE TABLE posts (
    message_id INTEGER PRIMARY KEY,
    channel_id INTEGER NOT NULL,
    guild_id   INTEGER NOT NULL,
    review_id  INTEGER NOT NULL REFERENCES reviews (id)
) STRICT;

CREATE INDEX posts_by_review ON posts (guild_id, review_id, message_id);

-- The tallies follow the votes by triggers, so that no path can forget them. The first of each pair moves
-- the server's own tally, and the tally of everywhere alike where the member voted on the film nowhere else.
-- The second is for those who did: it takes their former latest vote out of the tally of everywhere and puts
-- the present latest one in. That costs ten times as much, which is why only they pay for it.
CREATE TRIGGER votes_inserted AFTER INSERT ON votes BEGIN
    INSERT INTO tallies (guild_id, review_id)
    VALUES (NEW.guild_id, NEW.review_id), (0, NEW.review_id)
    ON CONFLICT DO NOTHING;

    UPDATE tallies
    SET n1 = n1 + (NEW.sheep = 1), n2 = n2 + (NEW.sheep = 2), n3 = n3 + (NEW.sheep = 3),
        n4 = n4 + (NEW.sheep = 4), n5 = n5 + (NEW.sheep = 5)
    WHERE guild_id = NEW.guild_id AND review_id = NEW.review_id;

    UPDATE tallies
    SET n1 = n1 + (NEW.sheep = 1), n2 = n2 + (NEW.sheep = 2), n3 = n3 + (NEW.sheep = 3),
        n4 = n4 + (NEW.sheep = 4), n5 = n5 + (NEW.sheep = 5)
    WHERE guild_id = 0 AND review_id = NEW.review_id AND NOT EXISTS (
        SELECT 1 FROM votes
        WHERE member_id = NEW.member_id AND review_id = NEW.review_id AND guild_id <> NEW.guild_id
    );
END;

CREATE TRIGGER votes_inserted_elsewhere_too AFTER INSERT ON votes WHEN EXISTS (
    SELECT 1 FROM votes
    WHERE member_id = NEW.member_id AND review_id = NEW.review_id AND guild_id <> NEW.guild_id
) BEGIN
    UPDATE tallies
    SET n1 = n1 + (latest.sheep = 1) - (former.sheep IS 1), n2 = n2 + (latest.sheep = 2) - (former.sheep IS 2),
        n3 = n3 + (latest.sheep = 3) - (former.sheep IS 3), n4 = n4 + (latest.sheep = 4) - (former.sheep IS 4),
        n5 = n5 + (latest.sheep = 5) - (former.sheep IS 5)
    FROM (
        SELECT sheep FROM votes
        WHERE member_id = NEW.member_id AND review_id = NEW.review_id
        ORDER BY updated_at DESC, guild_id DESC LIMIT 1
    ) AS latest
    LEFT JOIN (
        SELECT sheep FROM votes
        WHERE member_id = NEW.member_id AND review_id = NEW.review_id AND guild_id <> NEW.guild_id
        ORDER BY updated_at DESC, guild_id DESC LIMIT 1
    ) AS former
    WHERE tallies.guild_id = 0 AND tallies.review_id = NEW.review_id;
END;

CREATE TRIGGER votes_updated AFTER UPDATE ON votes BEGIN
    UPDATE tallies
    SET n1 = n1 + (NEW.sheep = 1) - (OLD.sheep = 1), n2 = n2 + (NEW.sheep = 2) - (OLD.sheep = 2),
        n3 = n3 + (NEW.sheep = 3) - (OLD.sheep = 3), n4 = n4 + (NEW.sheep = 4) - (OLD.sheep = 4),
        n5 = n5 + (NEW.sheep = 5) - (OLD.sheep = 5)
    WHERE guild_id = NEW.guild_id AND review_id = NEW.review_id;

    UPDATE tallies
    SET n1 = n1 + (NEW.sheep = 1) - (OLD.sheep = 1), n2 = n2 + (NEW.sheep = 2) - (OLD.sheep = 2),
        n3 = n3 + (NEW.sheep = 3) - (OLD.sheep = 3), n4 = n4 + (NEW.sheep = 4) - (OLD.sheep = 4),
        n5 = n5 + (NEW.sheep = 5) - (OLD.sheep = 5)
    WHERE guild_id = 0 AND review_id = NEW.review_id AND NOT EXISTS (
        SELECT 1 FROM votes
        WHERE member_id = NEW.member_id AND review_id = NEW.review_id AND guild_id <> NEW.guild_id
    );
END;

CREATE TRIGGER votes_updated_elsewhere_too AFTER UPDATE ON votes WHEN EXISTS (
    SELECT 1 FROM votes
    WHERE member_id = NEW.member_id AND review_id = NEW.review_id AND guild_id <> NEW.guild_id
) BEGIN
    UPDATE tallies
    SET n1 = n1 + (latest.sheep = 1) - (former.sheep = 1), n2 = n2 + (latest.sheep = 2) - (former.sheep = 2),
        n3 = n3 + (latest.sheep = 3) - (former.sheep = 3), n4 = n4 + (latest.sheep = 4) - (former.sheep = 4),
        n5 = n5 + (latest.sheep = 5) - (former.sheep = 5)
    FROM (
        SELECT sheep FROM votes
        WHERE member_id = NEW.member_id AND review_id = NEW.review_id
        ORDER BY updated_at DESC, guild_id DESC LIMIT 1
    ) AS latest
    JOIN (
        SELECT sheep FROM (
            SELECT OLD.sheep AS sheep, OLD.updated_at AS updated_at, OLD.guild_id AS guild_id
            UNION ALL
            SELECT sheep, updated_at, guild_id FROM votes
            WHERE member_id = OLD.member_id AND review_id = OLD.review_id AND guild_id <> OLD.guild_id
        )
        ORDER BY updated_at DESC, guild_id DESC LIMIT 1
    ) AS former
    WHERE tallies.guild_id = 0 AND tallies.review_id = NEW.review_id;
END;

CREATE TRIGGER votes_deleted AFTER DELETE ON votes BEGIN
    UPDATE tallies
    SET n1 = n1 - (OLD.sheep = 1), n2 = n2 - (OLD.sheep = 2), n3 = n3 - (OLD.sheep = 3),
        n4 = n4 - (OLD.sheep = 4), n5 = n5 - (OLD.sheep = 5)
    WHERE guild_id = OLD.guild_id AND review_id = OLD.review_id;

    UPDATE tallies
    SET n1 = n1 - (OLD.sheep = 1), n2 = n2 - (OLD.sheep = 2), n3 = n3 - (OLD.sheep = 3),
        n4 = n4 - (OLD.sheep = 4), n5 = n5 - (OLD.sheep = 5)
    WHERE guild_id = 0 AND review_id = OLD.review_id AND NOT EXISTS (
        SELECT 1 FROM votes
        WHERE member_id = OLD.member_id AND review_id = OLD.review_id AND guild_id <> OLD.guild_id
    );
END;

CREATE TRIGGER votes_deleted_elsewhere_too AFTER DELETE ON votes WHEN EXISTS (
    SELECT 1 FROM votes
    WHERE member_id = OLD.member_id AND review_id = OLD.review_id AND guild_id <> OLD.guild_id
) BEGIN
    UPDATE tallies
    SET n1 = n1 + (latest.sheep IS 1) - (former.sheep = 1), n2 = n2 + (latest.sheep IS 2) - (former.sheep = 2),
        n3 = n3 + (latest.sheep IS 3) - (former.sheep = 3), n4 = n4 + (latest.sheep IS 4) - (former.sheep = 4),
        n5 = n5 + (latest.sheep IS 5) - (former.sheep = 5)
    FROM (
        SELECT sheep FROM (
            SELECT OLD.sheep AS sheep, OLD.updated_at AS updated_at, OLD.guild_id AS guild_id
            UNION ALL
            SELECT sheep, updated_at, guild_id FROM votes
            WHERE member_id = OLD.member_id AND review_id = OLD.review_id
        )
        ORDER BY updated_at DESC, guild_id DESC LIMIT 1
    ) AS former
    LEFT JOIN (
        SELECT sheep FROM votes
        WHERE member_id = OLD.member_id AND review_id = OLD.review_id
        ORDER BY updated_at DESC, guild_id DESC LIMIT 1
    ) AS latest
    WHERE tallies.guild_id = 0 AND tallies.review_id = OLD.review_id;
END;

CREATE TRIGGER thoughts_inserted AFTER INSERT ON thoughts BEGIN
    INSERT INTO tallies (guild_id, review_id, thoughts)
    VALUES (NEW.guild_id, NEW.review_id, 1)
    ON CONFLICT (guild_id, review_id) DO UPDATE SET thoughts = thoughts + 1;
END;

CREATE TRIGGER thoughts_deleted AFTER DELETE ON thoughts BEGIN
    UPDATE tallies SET thoughts = thoughts - 1
    WHERE guild_id = OLD.guild_id AND review_id = OLD.review_id;
END;
