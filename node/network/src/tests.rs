//! Tests of the peer-to-peer network over loopback.

mod admission;
mod allowance;
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
mod simultaneous_dial;
mod slow_lines;
mod versions;
