#![doc = include_str!("../README.md")]

pub mod api;
pub mod auth;
pub mod config;
pub mod doctor;
pub mod seed;
pub mod serve;
pub mod telemetry;
pub mod web;
pub mod wire;
pub mod worker;
