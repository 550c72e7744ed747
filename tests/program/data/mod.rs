//! Tests that need data that is no part of the repository: `make test-data DATA=DIR`.

mod authors;
