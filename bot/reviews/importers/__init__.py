"""Reviews from where critics already write: their sites, exports of them, feeds and pages."""
