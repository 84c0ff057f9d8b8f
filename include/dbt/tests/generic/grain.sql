{#- The model has one row per `key`, and neither a column of the key nor one of `required` is ever null. This is a
    single query, where dbt's `unique` and `not_null` would be one query each; BigQuery bills at least ten megabytes for
    every table of a query. -#}
{% test grain(model, key, required=[]) %}

    select
        {% for part in key -%}
        {{ part }} as key_{{ loop.index }},
        {% endfor -%}
        count(*) as rows_of_this_key,
        countif({{ (key + required) | join(' is null or ') }} is null) as rows_with_nulls
    from {{ model }}
    group by {{ key | join(', ') }}
    having count(*) > 1 or countif({{ (key + required) | join(' is null or ') }} is null) > 0

{% endtest %}
