//! Plain tables: a row is an action by someone, its result stands in the last column.
