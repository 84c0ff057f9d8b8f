{#- Every row satisfies `condition`; a condition that is null counts as not satisfied. -#}
{% test holds(model, condition, column_name=none) %}

    select *
    from {{ model }}
    where not coalesce({{ condition }}, false)

{% endtest %}
