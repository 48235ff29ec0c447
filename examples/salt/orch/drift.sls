# SPDX-License-Identifier: MIT
# Who has drifted? Every minion runs the state `outlook` in test mode, so nothing changes; what they find is told
# here. On the master:
#
#   salt-run state.orchestrate orch.drift
#   salt-run state.orchestrate orch.drift pillar='{"target": "kernel:Windows", "target_type": "grain"}'

{%- set target = salt['pillar.get']('target', '*') %}
{%- set type = salt['pillar.get']('target_type', 'glob') %}
{%- set minions = salt['saltutil.runner']('manage.status', kwarg={'tgt': target, 'tgt_type': type}) %}
{%- set answers = salt['saltutil.cmd'](minions['up'], 'state.apply', tgt_type='list', arg=['outlook'],
                                       kwarg={'test': True}) if minions['up'] else {} %}
{%- set drifted, compliant, other, failed = [], [], [], [] %}

{%- for minion in minions['up'] | sort %}
{%- set states = answers.get(minion, {}).get('ret', 'it gave no answer') %}
{%- if states is not mapping %}
{%- do failed.append(minion ~ ': ' ~ (states if states is string else states | join(' '))) %}
{%- else %}
{%- for tag, state in states | dictsort %}
{%- set line = minion ~ ': ' ~ state['comment'] %}
{%- if state['result'] is false %}
{%- do failed.append(line) %}
{%- elif not tag.startswith('mapihttp_|-') %}
{%- do other.append(line) %}
{%- elif state['result'] is none %}
{%- do drifted.append(line ~ ' (' ~ state['changes'] | join(', ') ~ ')') %}
{%- else %}
{%- do compliant.append(line) %}
{%- endif %}
{%- endfor %}
{%- endif %}
{%- endfor %}

{%- for title, lines in (('drifted', drifted), ('compliant', compliant), ('other states', other),
                         ('no answer', minions['down'] | sort)) if lines %}

{{ title }}:
  test.show_notification:
    - text: {{ lines | join('\n') | json }}
{%- endfor %}

{%- if failed %}

failed:
  test.configurable_test_state:
    - changes: False
    - result: False
    - comment: {{ failed | join('\n') | json }}
{%- elif not answers %}

nobody:
  test.configurable_test_state:
    - changes: False
    - result: False
    - comment: {{ ('no minion answers for the target ' ~ target) | json }}
{%- endif %}
