with

regions as (

    select * from {{ ref('int_temperature_plausible') }}
    where mean_celsius is not null

),

populations as (

    select * from {{ ref('region_population') }}
    where in_perimeter

),

weights as (

    select
        region_code,
        population
    from populations
    where reference_date = (select max(newest.reference_date) from populations as newest)

),

national as (

    select sum(population) as population from weights

),

summed as (

    select
        regions.local_date,
        sum(weights.population) as population,
        {{ exact_sum('weights.population * regions.mean_celsius') }} as weighted_sum
    from regions
    inner join weights on regions.region_code = weights.region_code
    group by regions.local_date

),

weighted as (

    -- Without one of the regions, the mean would not be that of the country.
    select
        summed.local_date,
        if(summed.population = national.population, round(summed.weighted_sum / national.population, 9), null)
            as weighted_celsius
    from summed
    cross join national

)

select * from weighted
