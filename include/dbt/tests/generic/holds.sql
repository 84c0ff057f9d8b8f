{#- Every row satisfies `condition`, a null counts as false. -#}
{% test holds(model, condition, column_name=none) %}

    select *
    from {{ model }}
    where not coalesce({{ condition }}, false)

{% endtest %}
