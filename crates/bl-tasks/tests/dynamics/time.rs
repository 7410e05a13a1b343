//! How networks are judged at tasks in time, with networks whose outputs are known.

mod forecasts;
mod movements;
mod nets;
mod tasks;
