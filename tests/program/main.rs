//! The program from the outside, and its way through the model and the index.

mod bundle;
mod calibrate;
mod compare;
mod data;
mod evaluate;
mod exchange;
mod folders;
mod import;
mod index;
mod installed;
mod labels;
mod long;
mod models;
mod mutations;
mod options;
mod outputs;
mod parts;
mod perturb;
mod prm;
mod progress;
mod reasoning;
mod resume;
mod score;
mod stim;
mod support;
mod templates;
