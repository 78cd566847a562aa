-- All that is read of the shelf at the start, without the texts: ten thousand of them are forty megabytes.
CREATE INDEX reviews_on_shelf ON reviews (id, slug, title, year, aliases, sort_title, retired_at) WHERE retired_at IS NULL;
