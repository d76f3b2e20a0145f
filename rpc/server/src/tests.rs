mod connections;
mod origin;
mod stall;
