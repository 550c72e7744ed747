//! `rotescope lab`: small worlds in which it is known what memorizing and generalizing cost; and real models beside them.

pub mod distill;
pub mod edge;
mod edge_tables;
mod model;
mod run;
mod table;
pub mod text;

use std::process::ExitCode;

use anyhow::Result;

use super::common::Global;

#[derive(Debug, clap::Args)]
pub struct LabArgs {
    #[command(subcommand)]
    what: Lab,
}

#[derive(Debug, clap::Subcommand)]
enum Lab {
    /// When a denoiser of Gaussian clouds memorizes: losses of the memorizing and the generalizing one, their crossover, and trained models around it
    Edge(Box<edge::EdgeArgs>),
    /// The same for texts: copies of templates, with masked positions to be guessed
    Text(Box<text::TextArgs>),
    /// What students of a model that recites come to recite, by the loss that they learned by: what `training/distill.py` measured
    Distill(distill::DistillArgs),
    /// The same question of a real model, by analogy: which texts of its corpus it knows as a copy does, and which as one that generalizes
    Model(Box<model::ModelLabArgs>),
}

pub fn run(global: &Global, args: LabArgs) -> Result<ExitCode> {
    match args.what {
        Lab::Edge(args) => args.run(global),
        Lab::Text(args) => args.run(global),
        Lab::Distill(args) => args.run(global),
        Lab::Model(args) => args.run(global),
    }
}
