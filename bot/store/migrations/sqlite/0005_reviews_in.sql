-- Reviews that are one server's own stay in it; guild_id 0 is everyone's. author_id is the member who published it there.
ALTER TABLE reviews ADD COLUMN guild_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reviews ADD COLUMN author_id INTEGER;

CREATE INDEX reviews_of_guild ON reviews (guild_id, id) WHERE guild_id <> 0;
CREATE INDEX reviews_by_author ON reviews (author_id, id) WHERE author_id IS NOT NULL;
CREATE UNIQUE INDEX reviews_by_guid ON reviews (source, guid) WHERE guid IS NOT NULL;
CREATE INDEX reviews_by_url ON reviews (url, guild_id) WHERE url IS NOT NULL AND retired_at IS NULL;

DROP INDEX reviews_on_shelf;
CREATE INDEX reviews_on_shelf ON reviews (id, slug, title, year, aliases, sort_title, guild_id, retired_at)
WHERE retired_at IS NULL;

-- What members have begun to write, one a member and review in a server: JSON; review_id 0 is a new one.
CREATE TABLE drafts (
    guild_id   INTEGER NOT NULL,
    member_id  INTEGER NOT NULL,
    review_id  INTEGER NOT NULL,
    body       TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (guild_id, member_id, review_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX drafts_by_member ON drafts (member_id, guild_id, review_id);

-- Ratings that members brought from elsewhere and have not yet confirmed: JSON, one a member and server.
CREATE TABLE imports (
    guild_id   INTEGER NOT NULL,
    member_id  INTEGER NOT NULL,
    body       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (guild_id, member_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX imports_by_member ON imports (member_id);
CREATE INDEX imports_by_age ON imports (created_at);

-- Feeds that servers follow, and what has become of each of their posts. All moments are in Unix seconds.
CREATE TABLE feeds (
    id            INTEGER PRIMARY KEY,
    guild_id      INTEGER NOT NULL,
    channel_id    INTEGER NOT NULL,
    url           TEXT NOT NULL,
    title         TEXT NOT NULL,
    etag          TEXT,
    modified      TEXT,
    added_at      INTEGER NOT NULL,
    checked_at    INTEGER NOT NULL, -- when it was last looked at and could be read
    look_at       INTEGER NOT NULL, -- when it is to be looked at next
    due_at        INTEGER NOT NULL, -- when there is something to do about it: a look, or posts that wait
    claimed_until INTEGER NOT NULL DEFAULT 0, -- until then one process sees to it
    failures      INTEGER NOT NULL DEFAULT 0, -- in a row
    trouble       TEXT, -- what the last look failed with
    told          INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)), -- whether the server was told of it
    UNIQUE (guild_id, url)
) STRICT;

CREATE INDEX feeds_due ON feeds (due_at);
CREATE INDEX feeds_of_guild ON feeds (guild_id, id);

CREATE TABLE feed_items (
    feed_id      INTEGER NOT NULL REFERENCES feeds (id) ON DELETE CASCADE,
    guid         TEXT NOT NULL, -- what it hashes to, with the feed's site
    review_id    INTEGER REFERENCES reviews (id), -- NULL where the post is no review, or was there before the feed was added
    state        TEXT NOT NULL CHECK (state IN ('known', 'waiting', 'posted', 'retired')),
    hash         TEXT NOT NULL, -- of what the post said when it was last looked at
    published_at INTEGER NOT NULL, -- as the feed says, or when it was first seen
    asked_at     INTEGER NOT NULL DEFAULT 0, -- when its page was last asked for, as the feed had it no more
    PRIMARY KEY (feed_id, guid)
) STRICT, WITHOUT ROWID;

CREATE INDEX feed_items_by_state ON feed_items (feed_id, state, published_at);

-- Members with this role write reviews in the server.
ALTER TABLE guild_settings ADD COLUMN critic_role INTEGER;
