//! The server as its clients meet it, over a node in memory.

mod bad_json;
mod fake;
mod http_rules;
mod methods;
mod raw;
mod slow;
mod subscriptions;
