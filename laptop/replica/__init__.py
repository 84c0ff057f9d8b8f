"""A local replica of the part of Opendatasoft Explore v2.1 that the pipeline uses.

Start it with ``python -m laptop.replica``. It serves a deterministic synthetic sample of the ODRÉ
datasets, or a folder of real exports, and can be told to misbehave (:mod:`laptop.replica.faults`).

The replica plays a third party: it describes the datasets of the sample in its own words
(:mod:`laptop.replica.schemas`), so that a mistake on either side shows. A further dataset is served as its contract
or a catalogue file describes it (:mod:`laptop.replica.described`).
"""
