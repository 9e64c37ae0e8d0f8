//! What the settings give to a brief that asks for nothing.

use factory_core::resources::{Budget, Resources};
use factory_spec::brief::{Defaults, units};

use crate::config::Allocation;

/// The settings in the units of a brief.
pub(super) fn defaults(allocation: &Allocation) -> Defaults {
    Defaults {
        budget: Budget {
            total_nano_usd: None,
            per_day_nano_usd: units::nano_usd(allocation.per_day_usd),
            calls_per_hour: allocation.calls_per_hour,
        },
        resources: Resources {
            memory_mib: allocation.memory_mb,
            cpu_millicores: units::millicores(allocation.cpu_cores),
            disk_mib: allocation.storage_gb.saturating_mul(1024),
            port_count: allocation.ports,
        },
    }
}
