//! `raise FILE.json`: raises the session events of a scenario in the KMDF host.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use kmdf_host_control::Scenario;

/// Raise the session events of a scenario in the KMDF host, under Wine
#[derive(Parser)]
struct Arguments {
    /// Scenario file
    file: PathBuf,
    /// Raise events of different sessions at the same time
    #[arg(long)]
    concurrent: bool,
    /// Advance the clocks of the machine to the time of each event
    #[arg(long, conflicts_with = "concurrent")]
    advance_clocks: bool,
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
    send(&scenario, arguments)
}

#[cfg(windows)]
fn send(scenario: &Scenario, arguments: &Arguments) -> anyhow::Result<()> {
    use kmdf_host_control::client::Client;
    use kmdf_host_control::{Command, Order, Reply};

    let client = Client::open().context("cannot open the KMDF host; start the driver first")?;
    let ask = |command| {
        client.send(&command).context("the KMDF host did not reply; see its verdict file")
    };
    let order = if arguments.concurrent { Order::Concurrent } else { Order::Serial };
    let batch = if arguments.advance_clocks { 1 } else { Client::BATCH };
    let raises = scenario.raises()?;
    let mut last_ms = 0;
    for (events, steps) in raises.chunks(batch).zip(scenario.steps.chunks(batch)) {
        if arguments.advance_clocks {
            let by_ms = steps[0].at_ms.saturating_sub(last_ms);
            last_ms = steps[0].at_ms;
            ask(Command::AdvanceClocks { by_ms })?;
        }
        let reply = ask(Command::Raise { order, events: events.to_vec() })?;
        let Reply::Raised(report) = reply else {
            anyhow::bail!("the KMDF host rejected the events: {reply:?}");
        };
        if arguments.quiet {
            continue;
        }
        for ((raise, outcome), step) in events.iter().zip(&report.outcomes).zip(steps) {
            println!(
                "{:>9} ms  session {:<10}  {:<12}  -> {:<22}  {} callbacks",
                step.at_ms,
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
fn send(_scenario: &Scenario, _arguments: &Arguments) -> anyhow::Result<()> {
    anyhow::bail!("the KMDF host needs Wine; build this program for x86_64-pc-windows-gnu")
}
