//! The measurements as tables.

use bl_cli::words::{counted, duration, grouped};
use bl_cli::{Printer, format_bytes};

use super::GroupReport;
use super::mixed::Mixed;
use super::server::ServerReport;
use crate::latency::Quantiles;
use crate::table;

type Rows = Vec<Vec<String>>;

pub(super) fn print(report: &GroupReport, threads: usize, out: Printer) -> anyhow::Result<()> {
    out.result(format!(
        "{} on {} hidden units, {}, {}",
        counted(report.adapters.len(), "adapter", "adapters"),
        grouped(report.units),
        counted(threads, "thread", "threads"),
        report.isa,
    ))?;
    let mut rows = halves(report);
    rows.extend(mixed(&report.mixed));
    rows.extend(swap(report));
    rows.extend(memory(report));
    rows.extend(report.server.iter().flat_map(server));
    for line in table::lines("<>>>", &rows) {
        out.result(line)?;
    }
    Ok(())
}

fn head(names: [&str; 4]) -> Vec<String> {
    names.map(String::from).to_vec()
}

fn us(us: f64) -> String {
    duration(us / 1e6)
}

fn quantiles(what: String, q: Quantiles) -> Vec<String> {
    vec![what, us(q.p50_us), us(q.p99_us)]
}

fn halves(report: &GroupReport) -> Rows {
    let one = &report.one_picture;
    let mut rows = vec![
        head(["one picture", "p50", "p99", ""]),
        quantiles("  frozen half".into(), one.frozen),
        quantiles("  adapter half".into(), one.adapter),
        quantiles("  both".into(), one.both),
        head(["batch of", "p50", "p99", "pictures/s"]),
    ];
    rows.extend(report.throughput.iter().map(|batch| {
        let mut row = quantiles(format!("  {}", batch.batch), batch.latency);
        row.push(grouped(batch.pictures_per_second.round() as usize));
        row
    }));
    rows
}

fn mixed(all: &[Mixed]) -> Rows {
    let mut rows = vec![head(["tasks in a batch", "one task", "8 tasks", "ratio"])];
    rows.extend(all.iter().map(|mixed| {
        let what = match mixed.pictures {
            1 => "  one picture, every task answers".into(),
            pictures => format!("  {pictures} pictures"),
        };
        vec![what, us(mixed.one_task_us), us(mixed.all_tasks_us), format!("{:.2}", mixed.ratio)]
    }));
    rows
}

fn swap(report: &GroupReport) -> Rows {
    let mut rows = vec![head(["another adapter, p50 / p99", "find", "swap", "find and answer"])];
    rows.extend(report.swap.iter().map(|swap| {
        let both = |q: Quantiles| format!("{} / {}", us(q.p50_us), us(q.p99_us));
        let what = format!("  of {} loaded", grouped(swap.loaded));
        vec![what, both(swap.select), both(swap.publish), both(swap.answer)]
    }));
    rows
}

fn memory(report: &GroupReport) -> Rows {
    let bytes = |bytes: usize| format_bytes(bytes as u64);
    let Some(resident) = &report.resident else {
        return vec![vec!["memory of an adapter".into(), bytes(report.bytes_per_adapter)]];
    };
    let what = format!("  of {} more", grouped(resident.adapters));
    vec![
        head(["memory of an adapter", "file", "resident", "ratio"]),
        vec![what, bytes(resident.file_bytes), bytes(resident.bytes_each), format!("{:.2}", resident.ratio)],
    ]
}

fn server(report: &ServerReport) -> Rows {
    let mut rows = vec![
        head(["server, a picture a request", "p50", "p99", "requests/s"]),
        quantiles("  without it (the library)".into(), report.library),
    ];
    rows.extend(report.loads.iter().map(|load| {
        let swapping = if load.swapping { format!(", {} swaps", grouped(load.swaps)) } else { String::new() };
        let mut row =
            quantiles(format!("  {}{swapping}", counted(load.clients, "client", "clients")), load.latency);
        row.push(grouped(load.requests_per_second.round() as usize));
        row
    }));
    rows.push(vec!["  added at the median".into(), us(report.overhead_us)]);
    rows.push(vec!["  added when pixels come as JSON".into(), us(report.overhead_json_us)]);
    rows
}
