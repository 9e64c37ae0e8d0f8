//! Events, projections, blobs and terms: in memory and in SQLite.
