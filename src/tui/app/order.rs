//! How the prompts are sorted.

/// How the prompts are sorted; equal ones stay as in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    #[default]
    File,
    Id,
    Task,
    Split,
    /// Wrong answers, right ones, those without.
    Wrong,
    /// Most flagged steps first.
    Flags,
    /// Most tokens first.
    Length,
}

impl Order {
    const ALL: [Order; 7] = [
        Order::File,
        Order::Id,
        Order::Task,
        Order::Split,
        Order::Wrong,
        Order::Flags,
        Order::Length,
    ];

    pub fn next(self) -> Order {
        let at = Self::ALL.iter().position(|o| *o == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    /// For people: what the prompts are sorted by.
    pub fn name(self) -> &'static str {
        match self {
            Order::File => "their order in the file",
            Order::Id => "id",
            Order::Task => "task",
            Order::Split => "split",
            Order::Wrong => "wrong answers first",
            Order::Flags => "flags",
            Order::Length => "length",
        }
    }
}
