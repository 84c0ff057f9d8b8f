{#- The shares of all sources add up to one, wherever there is a production. -#}
{% test shares_add_up(model) %}

    select *
    from {{ model }}
    where
        production_mw != 0
        and not coalesce(
            abs(1 - ({% for measure in measures(['source']) %}{{ share_name(measure) }}{{ ' + ' if not loop.last }}{% endfor %})) < 1e-9,
            false
        )

{% endtest %}
