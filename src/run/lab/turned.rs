//! A world of a lab whose settings are turned one by one, and its picture at once.

use rotescope_lab::LabError;
use rotescope_lab::edge::{EdgeRecord, summaries as of_points, untrained};
use rotescope_lab::gaussian::noise::{Weighting, noises};
use rotescope_lab::gaussian::world::World;
use rotescope_lab::text::world::TextWorld;
use rotescope_lab::texts::{measure, summaries as of_texts};
use rotescope_report::chart::Chart;

use super::figure;

/// Draws for each point and time, or masks for each text, as the commands have them.
const DRAWS: usize = 10;
const TIMES: usize = 26;
/// Smoothings of what is known of texts, of which the best counts.
pub const SMOOTHING: [f64; 7] = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6];

/// What a setting may be turned to: few steps from small to large.
const SAMPLES: &[f64] = &[20.0, 30.0, 50.0, 70.0, 100.0, 150.0, 200.0];
const DIMENSIONS: &[f64] = &[2.0, 5.0, 10.0, 20.0, 30.0, 50.0, 80.0, 120.0];
const CLOUDS: &[f64] = &[1.0, 2.0, 3.0, 6.0, 12.0, 25.0, 50.0, 100.0];
const WIDTHS: &[f64] = &[0.1, 0.25, 0.5, 1.0, 2.0, 4.0];
const TEXTS: &[f64] = &[20.0, 30.0, 60.0, 120.0, 180.0, 240.0];
const LENGTHS: &[f64] = &[8.0, 16.0, 32.0, 48.0, 96.0];
const TEMPLATES: &[f64] = &[1.0, 2.0, 4.0, 6.0, 12.0, 24.0, 60.0, 120.0];
const SYMBOLS: &[f64] = &[2.0, 4.0, 8.0, 32.0, 128.0, 1024.0];
const ERRORS: &[f64] = &[0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8];

/// A world that is looked at, and how many data sets of it are drawn, from seed 0 on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turned {
    pub lab: Lab,
    pub sets: u32,
}

/// A lab, and its world.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Lab {
    /// Points from clouds, made noisy and denoised.
    Edge(World),
    /// Copies of templates, masked and guessed.
    Text(TextWorld),
}

/// A setting of a world.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    pub says: &'static str,
    /// Of the command.
    pub option: &'static str,
    pub value: f64,
    steps: &'static [f64],
}

impl Lab {
    /// The labs with the worlds that their commands have if nothing is said.
    pub const ALL: [Lab; 2] = [
        Lab::Edge(World {
            samples: 100,
            dimension: 50,
            components: 6,
            sigma: 1.0,
        }),
        Lab::Text(TextWorld {
            samples: 120,
            length: 48,
            templates: 6,
            symbols: 32,
            noise: 0.2,
        }),
    ];

    /// The name of its command.
    pub fn name(&self) -> &'static str {
        match self {
            Lab::Edge(_) => "edge",
            Lab::Text(_) => "text",
        }
    }

    /// What is seen, for who sees it first.
    pub fn says(&self) -> &'static str {
        match self {
            Lab::Edge(_) => {
                "Points from clouds are made noisy and guessed again. Who knows the mixture generalizes; who knows the first M of the N points memorizes. Where the lines cross, at M*, memorizing takes over."
            }
            Lab::Text(_) => {
                "Texts are copies of templates with errors, masked and guessed. Who knows the templates generalizes; who knows the first M of the N texts memorizes. Where the lines cross, at M*, memorizing takes over."
            }
        }
    }

    pub fn settings(&self) -> Vec<Setting> {
        let of = |says, option, value, steps| Setting {
            says,
            option,
            value,
            steps,
        };
        match self {
            Lab::Edge(w) => vec![
                of("points N", "samples", w.samples as f64, SAMPLES),
                of("dimension d", "dimension", w.dimension as f64, DIMENSIONS),
                of("clouds K", "components", w.components as f64, CLOUDS),
                of("sigma of a cloud", "sigma", w.sigma, WIDTHS),
            ],
            Lab::Text(w) => vec![
                of("texts N", "samples", w.samples as f64, TEXTS),
                of("symbols of a text d", "length", w.length as f64, LENGTHS),
                of("templates K", "templates", w.templates as f64, TEMPLATES),
                of("different symbols V", "symbols", w.symbols as f64, SYMBOLS),
                of("noise", "noise", w.noise, ERRORS),
            ],
        }
    }

    /// With a setting one step larger or smaller; `None` at the end of its steps, and where no world is left (more clouds than points).
    #[must_use]
    pub fn turn(&self, setting: usize, up: bool) -> Option<Lab> {
        let setting = *self.settings().get(setting)?;
        let mut steps = setting.steps.iter();
        let value = match up {
            true => *steps.find(|s| **s > setting.value)?,
            false => *steps.rfind(|s| **s < setting.value)?,
        };
        let whole = value as usize;
        let turned = match *self {
            Lab::Edge(mut w) => {
                match setting.option {
                    "samples" => w.samples = whole,
                    "dimension" => w.dimension = whole,
                    "components" => w.components = whole,
                    _ => w.sigma = value,
                }
                w.check().map(|()| Lab::Edge(w))
            }
            Lab::Text(mut w) => {
                match setting.option {
                    "samples" => w.samples = whole,
                    "length" => w.length = whole,
                    "templates" => w.templates = whole,
                    "symbols" => w.symbols = whole,
                    _ => w.noise = value,
                }
                w.check().map(|()| Lab::Text(w))
            }
        };
        turned.ok()
    }
}

impl Turned {
    /// The command that measures the same.
    pub fn command(&self) -> String {
        let mut all = format!("rotescope lab {}", self.lab.name());
        for s in self.lab.settings() {
            all += &format!(" --{} {}", s.option, s.value);
        }
        all + &format!(" --seeds {}", self.sets)
    }

    /// Measures the data sets, and draws what the command's `--figure` draws. `wanted` is asked between two sets; `None` where it says no.
    ///
    /// # Errors
    /// A world that cannot be.
    pub fn draw(&self, wanted: &dyn Fn() -> bool) -> Result<Option<Chart>, LabError> {
        let seeds = 0..u64::from(self.sets);
        let asked = || seeds.clone().take_while(|_| wanted());
        Ok(match self.lab {
            Lab::Edge(world) => {
                world.check()?;
                let noises = noises(TIMES)?;
                let by = (&noises[..], &Weighting::X0);
                let all = asked().filter_map(|s| untrained(&world, by, DRAWS, s, &|| ()));
                let all: Vec<EdgeRecord> = all.map(EdgeRecord::Untrained).collect();
                wanted().then(|| figure::edge(&of_points(&all, 0)))
            }
            Lab::Text(world) => {
                world.check()?;
                let all = asked().map(|s| measure(&world, &SMOOTHING, DRAWS, s, &|| ()));
                let all = all.collect::<Result<Vec<_>, _>>()?;
                wanted().then(|| figure::text(&of_texts(&all, 0)))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_go_step_by_step_and_no_further_than_worlds_do() {
        for lab in Lab::ALL {
            for (i, setting) in lab.settings().into_iter().enumerate() {
                let (mut up, mut turns) = (lab, 0);
                while let Some(next) = up.turn(i, true) {
                    assert!(next.settings()[i].value > up.settings()[i].value);
                    (up, turns) = (next, turns + 1);
                }
                // And all the way back.
                for _ in 0..turns {
                    up = up.turn(i, false).unwrap();
                }
                assert_eq!(up, lab, "{}", setting.says);
            }
            assert_eq!(lab.turn(9, true), None);
        }
        // More clouds than points are no world.
        let mut lab = Lab::ALL[0];
        while let Some(next) = lab.turn(2, true) {
            lab = next;
        }
        assert_eq!(lab.settings()[2].value, 100.0);
        assert_eq!(lab.turn(0, false), None);
    }

    #[test]
    fn a_world_is_drawn_as_its_command_draws_it() {
        let mut turned = Turned {
            lab: Lab::ALL[0],
            sets: 2,
        };
        for i in [0, 1] {
            while let Some(less) = turned.lab.turn(i, false) {
                turned.lab = less;
            }
        }
        assert_eq!(
            turned.command(),
            "rotescope lab edge --samples 20 --dimension 2 --components 6 --sigma 1 --seeds 2"
        );
        let chart = turned.draw(&|| true).unwrap().unwrap();
        assert_eq!(chart.title, "Gaussian lab: d = 2, K = 6, N = 20, sigma = 1");
        assert_eq!(chart.panels.len(), 2);
        let points = &chart.panels[1].series[1].points;
        assert_eq!((points.len(), points[19].x, points[19].y), (20, 1.0, 0.0));
        // Who wants it no more gets none.
        assert_eq!(turned.draw(&|| false).unwrap(), None);
        let texts = Turned {
            lab: Lab::ALL[1].turn(0, false).unwrap(),
            sets: 1,
        };
        let chart = texts.draw(&|| true).unwrap().unwrap();
        assert_eq!(chart.panels[0].series[1].points.len(), 60);
    }
}
