//! What a startup may use and what it may spend, in the units that everything inside the program counts in.
//!
//! What people write is converted where a file is read: `memory_mb`, `cpu_cores`, `storage_gb`, `ports` and
//! dollars appear in briefs and settings only.

use serde::{Deserialize, Serialize};

/// Shares of a machine: what a product asks for, was given, or what there is to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resources {
    /// Memory in mebibytes.
    pub memory_mib: u64,
    /// Thousandths of a processor core.
    pub cpu_millicores: u32,
    /// Disk space in mebibytes.
    pub disk_mib: u64,
    /// TCP ports on the loopback address.
    pub port_count: u16,
}

impl Default for Resources {
    /// What a brief gets that asks for nothing.
    fn default() -> Self {
        Self {
            memory_mib: 500,
            cpu_millicores: 500,
            disk_mib: 2 * 1024,
            port_count: 3,
        }
    }
}

/// What may be spent on models, in billionths of a dollar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Over the startup's whole life; null when only the daily limit holds.
    pub total_nano_usd: Option<u64>,
    /// Within one day.
    pub per_day_nano_usd: u64,
    /// Model calls within one hour, whatever they cost.
    pub calls_per_hour: u32,
}

impl Default for Budget {
    /// What a brief gets that asks for nothing.
    fn default() -> Self {
        Self {
            total_nano_usd: None,
            per_day_nano_usd: 15_000_000_000,
            calls_per_hour: 1_000,
        }
    }
}

/// A share of processors, from thousandths of a core: `0.5 cores`, `1 core`.
pub fn cores(millicores: u64) -> String {
    let end = if millicores == 1000 { "" } else { "s" };
    let (whole, thousandths) = (millicores / 1000, millicores % 1000);
    let number = format!("{whole}.{thousandths:03}");
    let number = number.trim_end_matches('0').trim_end_matches('.');
    format!("{number} core{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_processors_are_told_in_cores() {
        let told = [50, 500, 1000, 1250, 8000].map(cores);
        assert_eq!(
            told,
            ["0.05 cores", "0.5 cores", "1 core", "1.25 cores", "8 cores"]
        );
    }
}
