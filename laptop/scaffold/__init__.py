"""A new dataset in the repository: `make dataset ID=<ODRÉ dataset>`.

- `source`: what the API's catalogue says of a dataset, and a sample of its rows;
- `proposal`: what the sample suggests for everything the catalogue does not say;
- `columns`: the same for one column;
- `writing`: the files of the dataset, each undecided value marked;
- `install`: validates the files in a copy of the project, then moves them into the repository;
- `marks`: finds the marks that nobody has decided yet.
"""
