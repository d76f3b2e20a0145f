mod budget;
mod connections;
mod message;
mod origin;
mod stall;
mod waiters;
