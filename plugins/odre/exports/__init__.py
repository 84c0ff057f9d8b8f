"""From an export of the API to canonical Parquet: the contract's columns and types, sorted, checked.

`reading` opens an export as batches with the contract's column names; `casting` gives them the contract's types;
`checks` finds what breaks the contract; `writing` puts them into one file and keeps the `outcome`.
"""
