//! `rotescope completions` and `rotescope man`: made from the command line's own definition.

use std::process::ExitCode;

use anyhow::Result;
use clap::Command;

use super::common::print;

#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// Of which shell
    shell: clap_complete::Shell,
}

/// Prints a completion script.
pub fn completions(args: CompletionsArgs, mut command: Command) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "rotescope", &mut script);
    print(&String::from_utf8(script)?)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the manual page: of the program, then of each subcommand.
pub fn man(mut command: Command) -> Result<ExitCode> {
    let mut page = Vec::new();
    command.build();
    let main = clap_mangen::Man::new(command.clone());
    main.render(&mut page)?;
    for sub in command
        .get_subcommands()
        .filter(|c| !c.is_hide_set() && c.get_name() != "help")
    {
        let title = format!("rotescope {}", sub.get_name());
        writeln_roff(&mut page, &title);
        let man = clap_mangen::Man::new(sub.clone());
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
    }
    print(&String::from_utf8(page)?)?;
    Ok(ExitCode::SUCCESS)
}

fn writeln_roff(page: &mut Vec<u8>, title: &str) {
    page.extend(format!(".SH \"{}\"\n", title.to_uppercase()).bytes());
}
