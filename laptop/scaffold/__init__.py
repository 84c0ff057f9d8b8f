"""Adds a dataset to the repository: `make dataset ID=<ODRÉ dataset>`.

- `source`: reads the description of a dataset from the API's catalogue, and a sample of its rows;
- `proposal`: proposes from the sample everything that the catalogue does not contain;
- `columns`: proposes one column;
- `writing`: makes the files of the dataset, in which every undecided value is marked;
- `install`: validates the files in a copy of the project, then moves them into the repository;
- `marks`: finds the marks that are left.
"""
