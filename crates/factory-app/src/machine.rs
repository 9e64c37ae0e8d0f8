//! What this machine has: memory, processors, disk, free ports.

use std::net::{Ipv4Addr, TcpListener};
use std::ops::RangeInclusive;
use std::path::Path;

use factory_core::portfolio::Machine;
use factory_core::resources::Resources;

/// Processor shares are granted this many times over: a share limits what a product may take at its peak, and
/// products of a portfolio are rarely busy at once.
const CPU_OVERCOMMIT: usize = 4;

/// Measures the machine, for at most `startups` at once on `port_count` ports. What cannot be read counts as
/// nothing, so that nothing is granted on it.
pub fn measure(folder: &Path, startups: usize, port_count: u16) -> Machine {
    let capacity = Resources {
        memory_mib: memory_total_mib() * 3 / 4,
        cpu_millicores: u32::try_from(cores() * 1000 * CPU_OVERCOMMIT).unwrap_or(u32::MAX),
        disk_mib: disk_free_mib(folder),
        port_count,
    };
    Machine { capacity, startups }
}

/// Free disk space of `folder`'s file system, in mebibytes.
pub fn disk_free_mib(folder: &Path) -> u64 {
    rustix::fs::statvfs(folder).map_or(0, |disk| disk.f_bavail * disk.f_frsize / (1024 * 1024))
}

/// Processors that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Memory that is assumed where the system does not tell it, in mebibytes.
const MEMORY_ASSUMED_MIB: u64 = 4096;

/// Memory of the machine in mebibytes; a cautious guess where there is no `/proc/meminfo`.
pub fn memory_total_mib() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kilobytes = line.and_then(|line| {
        line.trim()
            .trim_end_matches("kB")
            .trim()
            .parse::<u64>()
            .ok()
    });
    kilobytes.map_or(MEMORY_ASSUMED_MIB, |kilobytes| kilobytes / 1024)
}

/// Ports of the range that nobody listens on, by trying each on the loopback address.
pub fn free_ports(range: RangeInclusive<u16>) -> Vec<u16> {
    range
        .filter(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .collect()
}
