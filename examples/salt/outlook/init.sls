# SPDX-License-Identifier: MIT
# Outlook may use MAPI over HTTP. The pillar `outlook` says what is wanted: `state`, and the fields of a request.
# Without it nobody is turned off, neither who uses this Windows nor who will be new to it.

{#- A new minion does not have the modules yet. #}
{%- do salt['saltutil.sync_modules']() %}
{%- do salt['saltutil.sync_states']() %}

{%- set wanted = salt['pillar.get']('outlook', {'state': 'allowed', 'users': ['all', 'default']}) %}
{%- set windows = grains['kernel'] == 'Windows' %}
{%- set understood = wanted is mapping %}
{%- set wanted = wanted if understood else {} %}
{%- set offline = wanted.get('root') or wanted.get('store') or wanted.get('hives') %}

{#- Tried out in the project's folder on Linux: the sample that examples/quickstart.sh leaves behind. #}
{%- if opts['file_client'] == 'local' and not windows and not offline %}
{%- set sample = salt['file.normpath']((opts['file_roots'].get('base') or ['.'])[0] ~ '/../../build/sample') %}
{%- if salt['file.directory_exists'](sample) %}
{%- set wanted, offline = dict(wanted, root=sample), True %}
{%- endif %}
{%- endif %}

{%- if windows %}

# For people. Where it is not there yet, as in a first test, the state runs the copy in the minion's cache.
mapihttp.exe:
  file.managed:
    - name: {{ salt['environ.get']('ProgramFiles', 'C:\\Program Files') }}\mapihttp\mapihttp.exe
    - source: salt://mapihttp/mapihttp.exe
    - makedirs: True
{%- endif %}

{%- if not understood %}

outlook:
  test.fail_without_changes:
    - name: 'the pillar `outlook` must be a mapping: state, users ... (see pillar/outlook.sls)'
{%- elif windows or offline %}
{%- set fields = [] %}
{%- for field, value in wanted.items() if field != 'state' %}
{%- do fields.append({field: value}) %}
{%- endfor %}

outlook:
  mapihttp.{{ wanted.get('state', 'allowed') }}: {{ fields | json }}
{%- else %}

outlook:
  test.show_notification:
    - text: >-
        There is nothing to look at: this is no Windows, and the pillar `outlook` names no root, store or hives.
        In the project's folder, a sample is made by: sh examples/sample.sh build/sample
{%- endif %}
