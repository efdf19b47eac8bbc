"""Who takes part: rosters, skills, reporting lines and hours, all columnar and immutable."""
