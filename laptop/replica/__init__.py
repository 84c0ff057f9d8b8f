"""A local replica of the part of Opendatasoft Explore v2.1 that the pipeline uses.

Start it with ``python -m laptop.replica``. It serves a deterministic synthetic sample of the ODRÉ
datasets, or a folder of real exports, and can be told to misbehave (:mod:`laptop.replica.faults`).

The replica plays a third party: it knows nothing of the pipeline's contracts and shares no code
with the plugins, so a mistake on either side shows.
"""
