"""Operations and views for operators, across all packages."""
