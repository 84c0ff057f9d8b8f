{% set sources = measures(['source']) %}

with

days as (

    select * from {{ ref('anomalies_daily') }}
    where production_mw > 0

),

shares as (

    select
        days.local_date,
        days.season,
        days.season_year,
        days.maturity,
        days.production_mw,
        source.part,
        source.mw
    from days
    cross join unnest([
        {% for measure in sources -%}
        struct('{{ measure.name | replace('_mw', '') }}' as part, days.{{ measure.name }} as mw){{ ',' if not loop.last }}
        {% endfor %}
    ]) as source

),

seasons as (

    -- A season counts when nine tenths of its days are known. Days are weighted by their production.
    select
        part,
        season,
        season_year,
        max(local_date) as local_date,
        {{ maturity_of('maturity') }} as maturity,
        100 * {{ exact_sum('mw') }} / {{ exact_sum('production_mw') }} as share_percent
    from shares
    group by part, season, season_year
    having count(*) >= 81

),

years as (

    -- Only a year with all four seasons has a mean that favours none of them.
    select
        part,
        season_year,
        {{ exact_mean('share_percent') }} as year_percent
    from seasons
    group by part, season_year
    having count(*) = 4

),

compared as (

    select
        seasons.*,
        seasons.share_percent - years.year_percent as difference
    from seasons
    left join years
        on
            seasons.part = years.part
            and seasons.season_year = years.season_year

),

observed as (

    {% for method, x, y in [
        ('season_share', '0.0', 'share_percent'),
        ('season_difference', '0.0', 'difference'),
        ('season_trend', 'cast(season_year as float64)', 'share_percent'),
    ] -%}
    select
        'mix_by_season' as question,
        concat(part, '/', season) as part,
        '{{ method }}' as method,
        local_date,
        season_year as block_year,
        'all' as group_key,
        {{ x }} as x,
        {{ y }} as y,
        cast(null as float64) as z,
        maturity
    from compared
    where {{ y }} is not null
    union all
    {% endfor %}
    {% for method, group_key in [('explained_by_season', 'season'), ('explained_by_year', 'cast(season_year as string)')] -%}
    select
        'mix_by_season' as question,
        part,
        '{{ method }}' as method,
        local_date,
        season_year as block_year,
        {{ group_key }} as group_key,
        0.0 as x,
        100 * mw / production_mw as y,
        cast(null as float64) as z,
        maturity
    from shares
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from observed
