# A rough monthly estimate, in US dollars before tax, for comparing sizes. It follows from the assumptions below, which are
# not updated when prices change; Google's pricing calculator has current prices.
locals {
  cost_assumptions = {
    hours_per_month            = 730
    usd_per_dcu_hour           = 0.06        # Composer 3 standard, list price
    usd_per_database_gib_hour  = 0.000232877 # Composer 3 database storage, list price
    database_gib               = 10
    dcu_per_vcpu               = 1                                    # assumed weight of a vCPU in Composer's compute unit
    dcu_per_gib                = 0.25                                 # assumed weight of a GB of memory
    dcu_infrastructure         = { small = 2, medium = 4, large = 8 } # assumed share of the environment's own parts
    lake_gib                   = 5                                    # sixteen years of raw objects and one year of hourly ones
    usd_per_lake_gib           = 0.026
    usd_bigquery_per_tib       = 6.25
    gib_billed_per_hourly_run  = 1 # mostly BigQuery's minimum of 10 MB for every table a query reads (docs/deploy.md)
    free_bigquery_tib          = 1
    usd_logging_and_monitoring = 5
    usd_private_network        = 40 # Cloud NAT, its address and its traffic
  }

  dcu = {
    for size, w in local.workloads : size => local.cost_assumptions.dcu_infrastructure[size] + sum([
      for part in [
        { n = w.scheduler.count, cpu = w.scheduler.cpu, gb = w.scheduler.memory_gb },
        { n = w.dag_processor.count, cpu = w.dag_processor.cpu, gb = w.dag_processor.memory_gb },
        { n = w.triggerer.count, cpu = w.triggerer.cpu, gb = w.triggerer.memory_gb },
        { n = 1, cpu = w.web_server.cpu, gb = w.web_server.memory_gb },
        { n = w.worker.min_count, cpu = w.worker.cpu, gb = w.worker.memory_gb },
      ] : part.n * (part.cpu * local.cost_assumptions.dcu_per_vcpu + part.gb * local.cost_assumptions.dcu_per_gib)
    ])
  }

  monthly_cost = {
    for size, dcu in local.dcu : size => {
      composer = ceil(local.cost_assumptions.hours_per_month * (
        dcu * local.cost_assumptions.usd_per_dcu_hour
        + local.cost_assumptions.database_gib * local.cost_assumptions.usd_per_database_gib_hour
      ))
      storage  = ceil(local.cost_assumptions.lake_gib * local.cost_assumptions.usd_per_lake_gib)
      bigquery = ceil(max(0, local.cost_assumptions.hours_per_month * local.cost_assumptions.gib_billed_per_hourly_run / 1024 - local.cost_assumptions.free_bigquery_tib) * local.cost_assumptions.usd_bigquery_per_tib)
      other    = local.cost_assumptions.usd_logging_and_monitoring + (var.private_environment ? local.cost_assumptions.usd_private_network : 0)
    }
  }
}
