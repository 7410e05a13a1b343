//! Which adapters run together: those of one type, for an answer is never about both.

use bl_cli::Printer;
use bl_cli::words::counted;

use super::kind;
use crate::error::Error;
use crate::models::Opened;

/// Of folders that hold several types, the adapters of the type that was named beside them, or else of the first
/// type by its name.
pub(crate) fn of_one_type(all: Vec<Opened>, out: Printer) -> Result<Vec<Opened>, Error> {
    let company = |opened: &Opened| kind(&opened.adapter.header.io).counted();
    let mut named = all.iter().filter(|opened| opened.is_named);
    let wanted = if let Some(first) = named.next() {
        if let Some(other) = named.find(|other| company(other) != company(first)) {
            let mut both = [first, other];
            both.sort_by_key(|opened| company(opened));
            let [a, b] = both.map(|opened| (opened.name.clone(), company(opened).0));
            return Err(Error::MixedTypes { a, b });
        }
        Some(company(first))
    } else {
        all.iter().map(company).min()
    };
    let (kept, others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|opened| Some(company(opened)) == wanted);
    if let Some(other) = others.first() {
        let (one, many) = company(other);
        let names: Vec<&str> = others.iter().map(|other| other.name.as_str()).collect();
        out.say(format!("skipped      {}: {}", counted(others.len(), one, many), names.join(", ")));
    }
    Ok(kept)
}
