//! `raise FILE.json`: raises the session events of a scenario in the KMDF host.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Parser;
use kmdf_host_control::{Order, Scenario};

/// Raise the session events of a scenario in the KMDF host, under Wine
#[derive(Parser)]
struct Arguments {
    /// Scenario file
    file: PathBuf,
    /// Raise events of different sessions at the same time
    #[arg(long)]
    concurrent: bool,
    /// Print errors only
    #[arg(long)]
    quiet: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("raise: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(&arguments.file)
        .with_context(|| format!("cannot read {}", arguments.file.display()))?;
    let scenario = Scenario::parse(&text)
        .with_context(|| format!("cannot parse {}", arguments.file.display()))?;
    let order = if arguments.concurrent { Order::Concurrent } else { Order::Serial };
    send(&scenario, order, arguments.quiet)
}

#[cfg(windows)]
fn send(scenario: &Scenario, order: Order, quiet: bool) -> anyhow::Result<()> {
    use kmdf_host_control::{Command, Reply, client::Client};

    let client = Client::open().context("cannot open the KMDF host; start the driver first")?;
    let mut times = scenario.steps.iter().map(|step| step.at_ms);
    for batch in scenario.raises()?.chunks(Client::BATCH) {
        let reply = client
            .send(&Command::Raise { order, events: batch.to_vec() })
            .context("the KMDF host did not reply; see its verdict file")?;
        let Reply::Raised(report) = reply else {
            anyhow::bail!("the KMDF host refused the events: {reply:?}");
        };
        if quiet {
            continue;
        }
        for ((raise, outcome), at_ms) in batch.iter().zip(&report.outcomes).zip(&mut times) {
            println!(
                "{at_ms:>9} ms  session {:<10}  {:<12}  -> {:<22}  {} callbacks",
                raise.session,
                raise.event,
                raise.state,
                outcome.statuses.len(),
            );
        }
    }
    Ok(())
}

#[cfg(not(windows))]
fn send(_scenario: &Scenario, _order: Order, _quiet: bool) -> anyhow::Result<()> {
    anyhow::bail!("the KMDF host needs Wine; build this program for x86_64-pc-windows-gnu")
}
