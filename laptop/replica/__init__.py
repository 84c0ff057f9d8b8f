"""A local replica of the part of Opendatasoft Explore v2.1 that the pipeline uses.

Start it with ``python -m laptop.replica``. It serves a deterministic synthetic sample of the ODRÉ
datasets, or a folder of real exports, and misbehaves on request (:mod:`laptop.replica.faults`).

The replica stands for a third party. It therefore has its own description of the datasets of the sample
(:mod:`laptop.replica.schemas`), and a mistake in the contracts becomes visible. Any further dataset is served as its
contract or a catalogue file describes it (:mod:`laptop.replica.described`).
"""
