//! The hub as a program, for clients in other languages: prints its address and answers until its input ends.

use std::io::{Read, Write};

fn main() -> std::io::Result<()> {
    let hub = bl_mock_hub::MockHub::start();
    let mut out = std::io::stdout();
    writeln!(out, "{}", hub.endpoint())?;
    out.flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
