//! Teacher-forced scoring: what would the model say at each position of many given token sequences?

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::token::LlamaToken;

use super::context::{MOST_TOKENS, Shape, decode_error, new_context};
use super::error::ModelError;
use super::info::ModelInfo;
use super::load;
use super::options::ModelOptions;
use super::plan::{common, plan};
use super::weights::Weights;
use super::window::{PositionScore, Scored, Targets, Want, Window, WindowScore};

/// Sequence that holds the prefix shared by the windows of a group; the windows are sequences 1, 2, ...
const TRUNK: i32 = 0;

/// For many kinds of weights llama.cpp multiplies some tokens at a time, and what is left over of a batch by other means, which round differently: the
/// perplexity that gemma-3-270m (Q4_K_M) has in a window of 512 tokens moved by 1.5 % with what was read beside it. There nothing may be left over: parts
/// of sequences are multiples of this, and what a window lacks is filled up behind its end, where it changes nothing.
const EIGHT: usize = 8;

/// A context of llama.cpp with a cache split between sequences, so that no sequence changes another's rounding.
pub(super) struct Scorer<'m> {
    ctx: LlamaContext<'m>,
    /// Of the context.
    threads: i32,
    hidden: bool,
    /// Tokens that one sequence holds.
    capacity: usize,
    parallel: usize,
    batch: LlamaBatch<'static>,
    batch_size: usize,
    /// Parts of sequences are multiples of it, and so are rows: 1 where the numbers of a token do not depend on how many are read with it.
    unit: usize,
    /// Most rows of logits in one batch: they take 4 bytes per token of the vocabulary.
    most_rows: usize,
    /// Where the rows of the batch go: index in the batch, windows that want it and which of their positions it is.
    rows: Vec<(i32, Vec<(usize, usize)>)>,
    /// Tokens in the cache of [`TRUNK`].
    trunk: Vec<u32>,
    evaluated: u64,
}

impl<'m> Scorer<'m> {
    /// A scorer for windows of at most `longest` tokens. `unit`: of an earlier one.
    pub(super) fn new(
        model: &'m Weights,
        options: &ModelOptions,
        info: &ModelInfo,
        longest: usize,
        (threads, hidden): (i32, bool),
        unit: Option<usize>,
    ) -> Result<Self, ModelError> {
        // llama.cpp rounds up to multiples of 256; doubling avoids a new context for every longer window.
        let capacity = longest
            .max(1)
            .next_power_of_two()
            .max(256)
            .min(info.context.next_multiple_of(256));
        // llama.cpp allows 256 sequences, the trunk is one of them.
        let mut parallel = options.parallel.clamp(1, 255);
        let cache = |parallel: usize| load::cache_bytes(model, (capacity * (parallel + 1)) as u64);
        if options.check_memory {
            let what = "the cache of scored windows";
            while parallel > 1 && load::check_memory(&info.path, what, cache(parallel)).is_err() {
                parallel /= 2;
            }
            load::check_memory(&info.path, what, cache(parallel))?;
        }
        let sequences = parallel + 1;
        // More at a time llama.cpp would divide as it likes.
        let asked = options.batch.max(sequences).min(MOST_TOKENS);
        let asked = asked.next_multiple_of(EIGHT);
        let shape = Shape {
            tokens: (capacity * sequences) as u32,
            sequences: sequences as u32,
            batch: asked,
            threads,
            hidden,
        };
        let ctx = new_context(model, options, info, shape)?;
        // A larger batch ends the process, so believe the context, not the request.
        let batch_size = asked.min(ctx.n_batch() as usize);
        let mut scorer = Self {
            ctx,
            threads,
            hidden,
            capacity,
            parallel,
            batch: LlamaBatch::new(batch_size, 1),
            batch_size,
            unit: unit.unwrap_or(1),
            most_rows: ((128 << 20) / (4 * info.vocabulary.max(1))).clamp(EIGHT, MOST_TOKENS),
            rows: Vec::new(),
            trunk: Vec::new(),
            evaluated: 0,
        };
        if unit.is_none() && !scorer.is_exact(info)? {
            tracing::info!("tokens are read in eights: this model's numbers depend on the batch");
            scorer.unit = EIGHT;
        }
        Ok(scorer)
    }

    /// See [`Scorer::unit`].
    pub(super) fn unit(&self) -> usize {
        self.unit
    }

    /// Whether tokens get the same numbers, to the bit, however many are read at a time.
    fn is_exact(&mut self, info: &ModelInfo) -> Result<bool, ModelError> {
        // Read in one call: eight and some left over, fewer than are multiplied at a time, one.
        const LENGTHS: [u32; 3] = [11, 4, 1];
        let mut read = |length: u32, unit| {
            self.unit = unit;
            let window = Window {
                tokens: (0..length)
                    .map(|i| (i * 97 + 5) % info.vocabulary.max(1) as u32)
                    .collect(),
                positions: (0..length as usize).collect(),
                want: Want {
                    targets: Targets::Same(vec![0]),
                    candidates: 0,
                },
            };
            let scored = self.run(&[window], &|| false)?;
            Ok::<_, ModelError>(scored.windows[0].positions.clone())
        };
        let whole = read(LENGTHS[0], EIGHT)?;
        for length in LENGTHS {
            if read(length, 1)? != whole[..length as usize] {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether windows of `longest` tokens fit, it has this many threads, and gives hidden states or does not.
    pub(super) fn serves(&self, longest: usize, how: (i32, bool)) -> bool {
        longest <= self.capacity && how == (self.threads, self.hidden)
    }

    /// Checks the windows; returns the length of the longest.
    pub(super) fn check(windows: &[Window], info: &ModelInfo) -> Result<usize, ModelError> {
        windows.iter().try_for_each(|w| w.check(info))?;
        Ok(windows.iter().map(|w| w.tokens.len()).max().unwrap_or(0))
    }

    pub(super) fn run(
        &mut self,
        windows: &[Window],
        stopped: &dyn Fn() -> bool,
    ) -> Result<Scored, ModelError> {
        let result = self.run_groups(windows, stopped);
        if result.is_err() {
            // Half a group may be in the cache; start clean next time.
            self.ctx.clear_kv_cache();
            self.trunk.clear();
            self.batch.clear();
            self.rows.clear();
        }
        result
    }

    fn run_groups(
        &mut self,
        windows: &[Window],
        stopped: &dyn Fn() -> bool,
    ) -> Result<Scored, ModelError> {
        self.evaluated = 0;
        let mut out: Vec<Vec<Option<PositionScore>>> = windows
            .iter()
            .map(|w| vec![None; w.positions.len()])
            .collect();
        let of_window = |w: &Window| vec![Vec::new(); w.positions.len()];
        let mut hidden: Vec<Vec<Vec<f32>>> = match self.hidden {
            true => windows.iter().map(of_window).collect(),
            false => Vec::new(),
        };
        let needed: Vec<&[u32]> = windows.iter().map(|w| &w.tokens[..w.needed()]).collect();
        // A copy moves the whole part of a sequence: about as dear as evaluating one token in 128 of its places. What is worth sharing is
        // judged by the windows at hand, not by the cache that earlier ones needed, and nothing of theirs is used: llama.cpp rounds by how
        // tokens are packed, so that the same windows give the same numbers whatever was scored before.
        let longest = needed.iter().map(|w| w.len()).max().unwrap_or(0);
        let worth = (longest.next_power_of_two().max(256) / 128).max(2);
        self.clear(TRUNK)?;
        self.trunk.clear();
        let groups = plan(&needed, self.parallel, worth);
        for group in groups {
            let members: Vec<usize> = group
                .members
                .into_iter()
                .filter(|&m| !needed[m].is_empty())
                .collect();
            let Some(&first) = members.first() else {
                continue;
            };
            let mut run = Run {
                windows,
                out: &mut out,
                hidden: &mut hidden,
                stopped,
            };
            let shared = group.shared / self.unit * self.unit;
            if shared > 0 {
                self.set_trunk(&needed[first][..shared], &members, &mut run)?;
            }
            for (slot, &m) in members.iter().enumerate() {
                let sequence = slot as i32 + 1;
                self.clear(sequence)?;
                if shared > 0 && needed[m].len() > shared {
                    // Whole sequences only: part of one ends the process when the cache is split.
                    self.ctx
                        .kv_cache_seq_cp(TRUNK, sequence, None, None)
                        .map_err(|e| decode_error(0, &e))?;
                }
            }
            for (slot, &m) in members.iter().enumerate() {
                let tokens = needed[m];
                for position in shared..tokens.len().next_multiple_of(self.unit) {
                    let token = *tokens.get(position).unwrap_or(&tokens[0]);
                    self.add(slot as i32 + 1, token, position, &[m], &mut run)?;
                }
            }
            self.flush(&mut run)?;
        }
        let windows = out
            .into_iter()
            .map(|positions| WindowScore {
                positions: positions.into_iter().flatten().collect(),
            })
            .collect();
        Ok(Scored {
            windows,
            hidden,
            evaluated: self.evaluated,
        })
    }

    /// Makes `prefix` the content of the trunk, and reads the positions within it that `members` want.
    fn set_trunk(
        &mut self,
        prefix: &[u32],
        members: &[usize],
        run: &mut Run<'_>,
    ) -> Result<(), ModelError> {
        // A position that is wanted has to be evaluated again even if its token is still in the cache.
        let first_wanted = members
            .iter()
            .filter_map(|&m| run.windows[m].positions.first().copied())
            .min()
            .unwrap_or(0);
        let keep = common(&self.trunk, prefix).min(first_wanted) / self.unit * self.unit;
        if keep < self.trunk.len() {
            self.trunk.truncate(keep);
            let cut = self.ctx.kv_cache_seq_rm(TRUNK, Some(keep as u32), None);
            if keep == 0 || cut.is_err() {
                // Recurrent models cannot forget a tail only.
                self.clear(TRUNK)?;
                self.trunk.clear();
            }
        }
        for (position, &token) in prefix.iter().enumerate().skip(self.trunk.len()) {
            self.add(TRUNK, token, position, members, run)?;
        }
        self.flush(run)?;
        self.trunk.clear();
        self.trunk.extend_from_slice(prefix);
        Ok(())
    }

    fn clear(&mut self, sequence: i32) -> Result<(), ModelError> {
        let id = u32::try_from(sequence).unwrap_or(0);
        match self.ctx.clear_kv_cache_seq(Some(id), None, None) {
            Ok(true) => Ok(()),
            Ok(false) => Err(decode_error(
                0,
                &"a sequence cannot be removed from the cache",
            )),
            Err(e) => Err(decode_error(0, &e)),
        }
    }

    /// Puts a token into the batch, first evaluating the batch if it is full.
    fn add(
        &mut self,
        sequence: i32,
        token: u32,
        position: usize,
        members: &[usize],
        run: &mut Run<'_>,
    ) -> Result<(), ModelError> {
        let tokens = self.batch.n_tokens() as usize;
        let rows = match self.hidden {
            true => tokens,
            false => self.rows.len(),
        };
        let rows_are_full = tokens.is_multiple_of(self.unit) && rows + self.unit > self.most_rows;
        if tokens >= self.batch_size || rows_are_full {
            self.flush(run)?;
        }
        let row = |&m: &usize| {
            let positions = &run.windows[m].positions;
            Some((m, positions.binary_search(&position).ok()?))
        };
        let readers: Vec<(usize, usize)> = members.iter().filter_map(row).collect();
        // A unit has all of its rows or none.
        let first = position / self.unit * self.unit;
        let is_wanted = members.iter().any(|&m| {
            let positions = &run.windows[m].positions;
            let next = positions.get(positions.partition_point(|&p| p < first));
            next.is_some_and(|&p| p < first + self.unit)
        });
        let index = self.batch.n_tokens();
        self.batch
            .add(
                LlamaToken(token as i32),
                position as i32,
                &[sequence],
                self.hidden || is_wanted,
            )
            .map_err(|e| decode_error(position, &e))?;
        if is_wanted {
            self.rows.push((index, readers));
        }
        Ok(())
    }

    /// Evaluates the batch and reads its rows.
    fn flush(&mut self, run: &mut Run<'_>) -> Result<(), ModelError> {
        if self.batch.n_tokens() == 0 {
            return Ok(());
        }
        if (run.stopped)() {
            return Err(ModelError::Cancelled);
        }
        self.ctx
            .decode(&mut self.batch)
            .map_err(|e| decode_error(0, &e))?;
        self.evaluated += u64::try_from(self.batch.n_tokens()).unwrap_or(0);
        for (index, readers) in self.rows.drain(..) {
            let logits = self.ctx.get_logits_ith(index);
            for (m, row) in readers {
                if self.hidden {
                    let state = self.ctx.embeddings_ith(index);
                    run.hidden[m][row] = state.map_err(|e| decode_error(0, &e))?.to_vec();
                }
                run.out[m][row] = Some(run.windows[m].read(row, logits)?);
            }
        }
        self.batch.clear();
        Ok(())
    }
}

/// What a run reads and fills.
struct Run<'a> {
    windows: &'a [Window],
    out: &'a mut [Vec<Option<PositionScore>>],
    hidden: &'a mut [Vec<Vec<f32>>],
    stopped: &'a dyn Fn() -> bool,
}
