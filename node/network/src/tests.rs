//! Tests of the peer-to-peer network over loopback.

mod admission;
mod allowance;
mod crossing;
mod dialer;
mod exchange;
mod frame;
mod gossip;
mod harness;
mod hello;
mod hostile;
mod lanes;
mod outbox;
mod penalties;
mod reconnect;
mod slow_lines;
mod versions;
