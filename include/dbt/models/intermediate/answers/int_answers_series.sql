{% set questions = [
    'mix', 'gas_storage_vs_temperature', 'sources_vs_temperature', 'sources_vs_gas_storage', 'mix_by_season',
    'exchanges_vs_gas_storage',
] %}
{%- for question, unit, methods, parts in answer_series() %}
    {%- for method, properties in answer_methods().items() if method in methods and 1 < properties.together < parts | length %}
        {%- do exceptions.raise_compiler_error(
            question ~ ': ' ~ method ~ ' judges ' ~ parts | length ~ ' parts together, and its intervals are for '
            ~ properties.together ~ ' → raise `together` in the macro answer_methods, and give the macro t_quantile a table for it'
        ) %}
    {%- endfor %}
{%- endfor %}

with

series as (

    select
        entry.question_number,
        entry.question,
        part,
        method,
        entry.unit
    from unnest([
        {% for question, unit, methods, parts in answer_series() -%}
        struct(
            {{ questions.index(question) + 1 }} as question_number,
            '{{ question }}' as question,
            '{{ unit }}' as unit,
            ['{{ methods | join("', '") }}'] as methods,
            ['{{ parts | join("', '") }}'] as parts
        ){{ ',' if not loop.last }}
        {% endfor %}
    ]) as entry
    cross join unnest(entry.methods) as method
    cross join unnest(entry.parts) as part

)

select * from series
