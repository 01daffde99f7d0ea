// SPDX-License-Identifier: GPL-2.0

//! Networking.

pub mod genl;
pub mod heddle;
pub mod links;
mod namespace;
pub mod park;
pub mod proc;
pub mod reuseport;
pub mod sysctl;

pub use namespace::{for_each, Attachments, Net, PerNet, Registration, Subsystem};
