//! What this machine has: memory, processors, disk, free ports.

use std::net::{Ipv4Addr, TcpListener};
use std::ops::RangeInclusive;
use std::path::Path;

use factory_core::portfolio::Machine;

/// Processor shares are granted this many times over: a share limits what a product may take at its peak, and
/// products of a portfolio are rarely busy at once.
const CPU_OVERCOMMIT: u64 = 4;

/// Measures the machine. What cannot be read counts as nothing, so that nothing is granted on it.
pub fn measure(folder: &Path, startups: usize) -> Machine {
    Machine {
        memory_mb: memory_total_mb() * 3 / 4,
        cpu_millis: cores() as u64 * 1000 * CPU_OVERCOMMIT,
        storage_mb: rustix::fs::statvfs(folder)
            .map_or(0, |disk| disk.f_bavail * disk.f_frsize / (1024 * 1024)),
        startups,
    }
}

/// Processors that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Memory that is assumed where the system does not tell it, in mebibytes.
const MEMORY_ASSUMED_MB: u64 = 4096;

/// Memory of the machine in mebibytes; a cautious guess where there is no `/proc/meminfo`.
pub fn memory_total_mb() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kilobytes = line.and_then(|line| {
        line.trim()
            .trim_end_matches("kB")
            .trim()
            .parse::<u64>()
            .ok()
    });
    kilobytes.map_or(MEMORY_ASSUMED_MB, |kilobytes| kilobytes / 1024)
}

/// Ports of the range that nobody listens on, by trying each on the loopback address.
pub fn free_ports(range: RangeInclusive<u16>) -> Vec<u16> {
    range
        .filter(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .collect()
}
