{#- The shares of all sources add up to one, wherever there is a production. -#}
{% test shares_add_up(model) %}

    select *
    from {{ model }}
    where not coalesce({{ shares_add_up() }}, false)

{% endtest %}
