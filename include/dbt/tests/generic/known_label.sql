{#- The column holds labels that `mix_columns` gives to measures of these kinds. -#}
{% test known_label(model, column_name, kinds) %}

    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} not in ('{{ mix_columns(kinds) | map(attribute="label") | join("', '") }}')

{% endtest %}
