{#- Every row satisfies `condition`, which may be null only where it says so itself. -#}
{% test holds(model, condition) %}

    select *
    from {{ model }}
    where not coalesce({{ condition }}, false)

{% endtest %}
