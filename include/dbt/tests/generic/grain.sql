{#- The model has one row per `key`, and neither the key nor a column of `required` is ever null. One query, where
    dbt's `unique` and `not_null` are one each: on BigQuery every query is billed for ten megabytes at least. -#}
{% test grain(model, key, required=[]) %}

    select
        {{ key | join(', ') }},
        count(*) as rows_of_this_key,
        countif({{ (key + required) | join(' is null or ') }} is null) as rows_with_nulls
    from {{ model }}
    group by {{ key | join(', ') }}
    having count(*) > 1 or countif({{ (key + required) | join(' is null or ') }} is null) > 0

{% endtest %}
