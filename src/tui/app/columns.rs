//! What is known of the lines of the list, column by column: by these they are sorted and filtered.

/// Something that is known of a line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Column {
    /// Its place in the file.
    #[default]
    File,
    Id,
    Task,
    Split,
    Question,
    Answer,
    Right,
    Flags,
    Steps,
    Tokens,
    Notes,
}

impl Column {
    pub const ALL: [Column; 11] = [
        Column::File,
        Column::Id,
        Column::Task,
        Column::Split,
        Column::Question,
        Column::Answer,
        Column::Right,
        Column::Flags,
        Column::Steps,
        Column::Tokens,
        Column::Notes,
    ];

    /// As it is called in a filter and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Column::File => "file",
            Column::Id => "id",
            Column::Task => "task",
            Column::Split => "split",
            Column::Question => "question",
            Column::Answer => "answer",
            Column::Right => "right",
            Column::Flags => "flags",
            Column::Steps => "steps",
            Column::Tokens => "tokens",
            Column::Notes => "notes",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Column> {
        Column::ALL.into_iter().find(|c| c.name() == name)
    }

    /// For people: what it is.
    pub fn about(self) -> &'static str {
        match self {
            Column::File => "their order in the file",
            Column::Id => "the prompt's id",
            Column::Task => "the task",
            Column::Split => "the split",
            Column::Question => "the question",
            Column::Answer => "the answer that was found in the output",
            Column::Right => "whether the answer is right: 1, or 0",
            Column::Flags => "steps that are flagged or judged wrong",
            Column::Steps => "steps of the output",
            Column::Tokens => "tokens of the output",
            Column::Notes => "bookmarks and notes",
        }
    }

    /// Whether the largest come first where nothing else is said.
    fn largest_first(self) -> bool {
        matches!(
            self,
            Column::Flags | Column::Steps | Column::Tokens | Column::Notes
        )
    }
}

/// How the list is sorted; lines that a column says nothing of come last, equal ones stay as in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Order {
    pub column: Column,
    /// Not as the column is sorted first.
    pub reverse: bool,
}

impl Order {
    /// By a column; the other way round where it is sorted by it already.
    pub fn then(self, column: Column) -> Order {
        Order {
            column,
            reverse: self.column == column && !self.reverse,
        }
    }

    /// Whether the largest come first.
    pub fn falls(self) -> bool {
        self.column.largest_first() != self.reverse
    }

    /// For people: what the list is sorted by.
    pub fn name(self) -> String {
        let way = if self.falls() { "↓" } else { "↑" };
        format!("{} {way}", self.column.name())
    }
}
