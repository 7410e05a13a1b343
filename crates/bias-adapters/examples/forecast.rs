//! Forecasts a chaotic series: every value from true ones, and then a free run, which feeds its own forecasts back.
//!
//! ```sh
//! cargo run --release -p bias-adapters --example forecast                        # Lorenz' system
//! cargo run --release -p bias-adapters --example forecast -- load.safetensors load.csv   # an adapter and a series of your own
//! ```

#![expect(clippy::print_stdout, reason = "examples print")]

use bias_adapters::bl_tasks::forecast::r_squared;
use bias_adapters::task::{Request, Task, What};
use bias_adapters::{Error, Model};

fn main() -> Result<(), Error> {
    if let [adapter, file] = &*std::env::args().skip(1).collect::<Vec<_>>() {
        let model = Model::load(adapter)?;
        let forecast = model.forecast_file(file)?;
        let horizon = model.series()?.horizon;
        println!("{horizon} after the end of {file}: {}", forecast[forecast.len() - 1]);
        return Ok(());
    }

    let model = Model::load("adapters/lorenz.safetensors")?;
    let (horizon, washout) = (model.series()?.horizon, model.series()?.washout);
    println!("{}: {} Its washout is {washout}.\n", model.name(), model.about().sentence);

    let lorenz = Task::open("lorenz", &Request::default())?;
    let What::Forecast(lorenz) = &lorenz.what else { unreachable!("lorenz is a forecast") };
    let series = lorenz.held_out(); // never trained on

    let forecast = model.forecast(series)?; // the value at t is the forecast of sample t + horizon
    let (settled, known) = (&forecast[washout..series.len() - horizon], &series[washout + horizon..]);
    let r2 = r_squared(known, settled)?;
    println!("teacher-forced: R² {r2:.4} over {} samples", known.len());

    let now = 500;
    let ahead = model.free_run(&series[..now], 250)?;
    println!("free run from sample {now}:\n\n  sample    truth   forecast");
    for t in (0..ahead.len()).step_by(25) {
        println!("  {:6} {:8.2} {:10.2}", now + t, series[now + t], ahead[t]);
    }
    Ok(())
}
