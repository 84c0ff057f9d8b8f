{{ config(partition_by=none) }}

with

days as (

    select
        *,
        {{ season('local_date') }} as season,
        {{ season_year('local_date') }} as season_year
    from {{ ref('mix_daily_by_source') }}

),

seasons as (

    select
        season_year,
        season,
        source,
        {{ maturity_of('if(energy_mwh is null, null, maturity)') }} as maturity,
        count(energy_mwh) as days,
        countif(is_complete) as complete_days,
        round({{ exact_sum('energy_mwh') }}, 3) as energy_mwh,
        round({{ exact_sum('if(share is null, null, energy_mwh)') }}, 3) as energy_of_shares_mwh,
        round({{ exact_mean('mean_mw') }}, 6) as mean_mw
    from days
    group by season_year, season, source

),

lengths as (

    -- First day of the season, and first day of the next one.
    select
        *,
        case season
            when 'winter' then date(season_year - 1, 12, 1)
            when 'spring' then date(season_year, 3, 1)
            when 'summer' then date(season_year, 6, 1)
            else date(season_year, 9, 1)
        end as first_day
    from seasons

),

compared as (

    select
        *,
        date_diff(date_add(first_day, interval 3 month), first_day, day) as days_in_season,
        -- Only days on which all sources are known count.
        safe_divide(
            energy_of_shares_mwh, {{ exact_sum('energy_of_shares_mwh', over='(partition by season_year, season)') }}
        ) as share
    from lengths

),

year_on_year as (

    select
        compared.season_year,
        compared.season,
        compared.source,
        compared.maturity,
        compared.days,
        compared.days_in_season,
        compared.days = compared.days_in_season as is_whole_season,
        compared.complete_days,
        compared.energy_mwh,
        compared.mean_mw,
        round(compared.share, 9) as share,
        -- Shares are compared only between equal maturities, because those of one season differ more between real-time and
        -- consolidated data than those of most seasons differ from the year before.
        case
            when previous.season_year is null then 'no such season a year before'
            when compared.days < compared.days_in_season then 'the season is not whole'
            when previous.days < previous.days_in_season then 'the season a year before is not whole'
            when compared.maturity is null or previous.maturity is null then 'maturity is not known'
            when compared.maturity != previous.maturity or compared.maturity = 'mixed'
                then concat('maturity differs: ', previous.maturity, ', then ', compared.maturity)
        end as no_change_because,
        round(compared.share - previous.share, 9) as difference
    from compared
    left join compared as previous
        on
            compared.season = previous.season
            and compared.source = previous.source
            and compared.season_year = previous.season_year + 1

),

like_with_like as (

    select
        * except (difference, no_change_because),
        if(no_change_because is null, difference, null) as share_change,
        no_change_because
    from year_on_year

)

select * from like_with_like
