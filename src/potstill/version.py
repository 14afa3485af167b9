"""The version of potstill, which every manifest names."""

VERSION = "0.1.0"
