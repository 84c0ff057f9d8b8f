"""Looking at whole tables of the warehouse."""

MARTS = "de_project_development"


def checksums(warehouse) -> dict[str, tuple]:
    """Row count and a checksum of every row, for every table of the warehouse."""
    found = {}
    for dataset in ("de_project_staging", MARTS):
        for item in warehouse.client.list_tables(dataset):
            name = f"{dataset}.{item.table_id}"
            sql = f"select count(*), bit_xor(farm_fingerprint(to_json_string(t))) from `{name}` as t"
            found[name] = warehouse.query(sql)[1][0]
    return found
