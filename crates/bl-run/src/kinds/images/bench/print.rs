//! The measurements as tables.

use bl_cli::format_bytes;
use bl_cli::words::{counted, duration, grouped};

use super::Report;
use super::copies::Resident;
use super::mixed::Mixed;
use super::server::ServerReport;
use crate::latency::Quantiles;

type Rows = Vec<Vec<String>>;

pub(super) fn rows(report: &Report) -> Rows {
    let mut rows = halves(report);
    rows.extend(mixed(&report.mixed));
    rows.extend(swap(report));
    rows.extend(report.server.iter().flat_map(server));
    rows.extend(report.resident.iter().flat_map(memory));
    rows
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

fn halves(report: &Report) -> Rows {
    let one = &report.one_image;
    let mut rows = vec![
        head(["one image", "p50", "p99", ""]),
        quantiles("  frozen half".into(), one.frozen),
        quantiles("  adapter half".into(), one.adapter),
        quantiles("  both".into(), one.both),
        head(["batch of", "p50", "p99", "images/s"]),
    ];
    rows.extend(report.throughput.iter().map(|batch| {
        let mut row = quantiles(format!("  {}", batch.batch), batch.latency);
        row.push(grouped(batch.images_per_second.round() as usize));
        row
    }));
    rows
}

fn mixed(all: &[Mixed]) -> Rows {
    let mut rows = vec![head(["tasks in a batch", "one task", "8 tasks", "ratio"])];
    rows.extend(all.iter().map(|mixed| {
        let what = match mixed.images {
            1 => "  one image, all tasks".into(),
            images => format!("  {images} images"),
        };
        vec![what, us(mixed.one_task_us), us(mixed.all_tasks_us), format!("{:.2}", mixed.ratio)]
    }));
    rows
}

fn swap(report: &Report) -> Rows {
    let mut rows = vec![head(["another adapter, p50 / p99", "find", "swap", "find and predict"])];
    rows.extend(report.swap.iter().map(|swap| {
        let both = |q: Quantiles| format!("{} / {}", us(q.p50_us), us(q.p99_us));
        let what = format!("  of {} loaded", grouped(swap.loaded));
        vec![what, both(swap.select), both(swap.publish), both(swap.answer)]
    }));
    rows
}

fn memory(resident: &Resident) -> Rows {
    let bytes = |bytes: usize| format_bytes(bytes as u64);
    let what = format!("  mean of {} more", grouped(resident.adapters));
    vec![
        head(["memory of an adapter, measured", "its file", "resident", "ratio"]),
        vec![what, bytes(resident.file_bytes), bytes(resident.bytes_each), format!("{:.2}", resident.ratio)],
    ]
}

fn server(report: &ServerReport) -> Rows {
    let mut rows = vec![
        head(["server, one image per request", "p50", "p99", "requests/s"]),
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
