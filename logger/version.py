"""The version of this package; pyproject.toml and CHANGELOG.md say the same, and a test holds them to it."""

VERSION = "0.1.0"
